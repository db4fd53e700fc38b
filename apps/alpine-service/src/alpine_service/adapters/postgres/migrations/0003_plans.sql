-- Subscriptions, what was paid for them, API keys and what was used.

-- No row means the free plan.
CREATE TABLE subscriptions (
    user_id    text PRIMARY KEY REFERENCES users ON DELETE CASCADE,
    plan       text NOT NULL,
    state      text NOT NULL CHECK (state IN ('trial', 'active', 'past due', 'cancelled', 'expired')),
    -- The first moment at which the state entitles to nothing any more; grace is inside.
    until      timestamptz NOT NULL,
    -- The end of what was paid for, or of the trial.
    paid_until timestamptz NOT NULL,
    -- The plan from paid_until on, if it is a lower one.
    next_plan  text,
    -- There is one trial, ever.
    trial_at   timestamptz,
    -- The plan of the newest payment, and its time as the provider says: older failures are no
    -- news.
    paid_plan  text,
    last_paid_at timestamptz,
    -- When time alone changes the state.
    due_at     timestamptz,
    changed_at timestamptz NOT NULL
);
CREATE INDEX subscriptions_due ON subscriptions (due_at) WHERE due_at IS NOT NULL;

-- What providers of payments told, each event once. It stays when its user is gone.
CREATE TABLE billing_events (
    provider    text NOT NULL,
    -- The provider's own id of the event.
    reference   text NOT NULL,
    kind        text NOT NULL CHECK (kind IN ('paid', 'granted', 'failed', 'refunded')),
    user_id     text REFERENCES users ON DELETE SET NULL,
    plan        text,
    days        integer CHECK (days > 0),
    -- Which payment a refund takes back.
    refunds     text,
    -- In the provider's time, and in ours.
    at          timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    by          text NOT NULL,
    -- False for what came too late to change anything.
    is_applied  boolean NOT NULL,
    -- Until when the subscription was paid for after it.
    paid_until  timestamptz,
    PRIMARY KEY (provider, reference)
);
CREATE INDEX billing_events_by_user ON billing_events (user_id, received_at DESC);
CREATE INDEX billing_refunds ON billing_events (provider, refunds) WHERE refunds IS NOT NULL;

-- Of a key only the SHA-256 is here. The key has 178 bits of chance: no list of guesses reaches it,
-- so a slow hash would only slow down every request.
CREATE TABLE api_keys (
    id         text PRIMARY KEY,
    user_id    text NOT NULL REFERENCES users ON DELETE CASCADE,
    digest     bytea NOT NULL UNIQUE CHECK (length(digest) = 32),
    is_test    boolean NOT NULL,
    name       text NOT NULL,
    -- The beginning of the key, to tell it from others.
    hint       text NOT NULL,
    scopes     text[] NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz,
    revoked_at timestamptz,
    revoked_by text,
    -- The key that takes over; then expires_at is the end of the overlap.
    replaced_by text,
    -- To the minute, no more.
    last_used_at timestamptz,
    last_address text
);
CREATE INDEX api_keys_by_user ON api_keys (user_id, created_at DESC, id);

-- Requests of an account in a day of UTC, by the means: sessions are counted apart from keys, so that
-- a stolen key cannot keep its owner from revoking it. `taken` is what processes took to hand out, so
-- it is at least what was used; `granted` is what the last of them got.
CREATE TABLE usage (
    user_id text NOT NULL REFERENCES users ON DELETE CASCADE,
    means   text NOT NULL CHECK (means IN ('keys', 'test', 'sessions')),
    day     date NOT NULL,
    taken   bigint NOT NULL CHECK (taken >= 0),
    granted bigint NOT NULL CHECK (granted >= 0),
    PRIMARY KEY (user_id, means, day)
);
CREATE INDEX usage_by_day ON usage (day);

-- Staff look through accounts, the newest first.
CREATE INDEX users_by_age ON users (created_at DESC, id DESC);

GRANT SELECT, INSERT, UPDATE ON subscriptions TO alpine_app;
GRANT SELECT, INSERT ON billing_events TO alpine_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON api_keys, usage TO alpine_app;
