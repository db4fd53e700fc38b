-- Webhooks: where to, what of, and every attempt; and the daily mail.

-- `state` and what goes with it are the endpoint's health; `era` counts the times that it was turned
-- on or moved. Only events behind `after` are told to it. `paced_until` and `served_at` are the
-- courier's: how far sending ran ahead of the rate, and whose turn it is.
CREATE TABLE webhook_endpoints (
    id            text PRIMARY KEY,
    user_id       text NOT NULL REFERENCES users ON DELETE CASCADE,
    url           text NOT NULL CHECK (length(url) <= 2048),
    description   text NOT NULL CHECK (length(description) <= 200),
    -- Empty: all of them.
    kinds         text[] NOT NULL,
    symbols       text[] NOT NULL,
    strategies    text[] NOT NULL,
    after         bigint NOT NULL,
    state         text NOT NULL CHECK (state IN ('active', 'failing', 'off')),
    reason        text CHECK (reason IN ('gone', 'worn_out', 'owner')),
    failing_since timestamptz,
    era           integer NOT NULL,
    paced_until   timestamptz,
    served_at     timestamptz,
    created_at    timestamptz NOT NULL,
    changed_at    timestamptz NOT NULL,
    CHECK ((state = 'off') = (reason IS NOT NULL))
) WITH (fillfactor = 70);
CREATE INDEX webhook_endpoints_of ON webhook_endpoints (user_id, created_at, id);

-- Sealed. The newest has no end; those before it are signed with too, until theirs.
CREATE TABLE webhook_secrets (
    endpoint   text NOT NULL REFERENCES webhook_endpoints ON DELETE CASCADE,
    number     integer NOT NULL,
    sealed     bytea NOT NULL,
    made_at    timestamptz NOT NULL,
    expires_at timestamptz,
    PRIMARY KEY (endpoint, number)
);

-- One event that one endpoint is told of; the id follows from both. A test has no event, but a body
-- of its own. While a courier has it, `lease` says which, and `due_at` is when it may be taken away.
-- `tries` counts within the schedule, `attempts` all that there ever were.
CREATE TABLE deliveries (
    id           text PRIMARY KEY,
    endpoint     text NOT NULL REFERENCES webhook_endpoints ON DELETE CASCADE,
    event_number bigint REFERENCES events,
    body         bytea,
    kind         text NOT NULL,
    state        text NOT NULL DEFAULT 'pending'
        CHECK (state IN ('pending', 'delivered', 'dead', 'cancelled')),
    reason       text,
    tries        smallint NOT NULL DEFAULT 0,
    attempts     integer NOT NULL DEFAULT 0,
    lease        text,
    made_at      timestamptz NOT NULL,
    due_at       timestamptz NOT NULL,
    ended_at     timestamptz,
    CHECK ((event_number IS NULL) = (body IS NOT NULL)),
    CHECK ((state = 'pending') = (ended_at IS NULL)),
    UNIQUE (endpoint, event_number)
) WITH (fillfactor = 80);
CREATE INDEX deliveries_due ON deliveries (endpoint, due_at) WHERE state = 'pending';
CREATE INDEX deliveries_leased ON deliveries (endpoint)
    WHERE state = 'pending' AND lease IS NOT NULL;
CREATE INDEX deliveries_page ON deliveries (endpoint, made_at DESC, id DESC);
CREATE INDEX deliveries_failed ON deliveries (made_at DESC, id DESC)
    WHERE state IN ('dead', 'cancelled');
CREATE INDEX deliveries_delivered ON deliveries (ended_at) WHERE state = 'delivered';
CREATE INDEX deliveries_given_up ON deliveries (ended_at) WHERE state IN ('dead', 'cancelled');

-- What came of each attempt. `excerpt` is the beginning of what the receiver said.
CREATE TABLE attempts (
    delivery text NOT NULL REFERENCES deliveries ON DELETE CASCADE,
    number   integer NOT NULL,
    at       timestamptz NOT NULL,
    took_ms  integer NOT NULL,
    status   smallint,
    problem  text,
    excerpt  text NOT NULL CHECK (length(excerpt) <= 500),
    PRIMARY KEY (delivery, number)
);

-- Up to which event deliveries were made. Whoever makes them holds the row's lock.
CREATE TABLE fan_out (
    one    boolean PRIMARY KEY DEFAULT true CHECK (one),
    number bigint NOT NULL
);
INSERT INTO fan_out (number) VALUES (0);
-- To find where a time begins in the stream of events.
CREATE INDEX events_by_time ON events (at_us);

-- Whoever wants a daily mail. `told` is the last event that the last one looked at, `next_at` NULL
-- while none is wanted.
CREATE TABLE digest_settings (
    user_id    text PRIMARY KEY REFERENCES users ON DELETE CASCADE,
    hour       smallint NOT NULL CHECK (hour BETWEEN 0 AND 23),
    zone       text NOT NULL,
    told       bigint NOT NULL,
    next_at    timestamptz,
    changed_at timestamptz NOT NULL
);
CREATE INDEX digest_settings_next ON digest_settings (next_at) WHERE next_at IS NOT NULL;

-- One row for each mail: a day is told once. The token in it turns all further ones off.
CREATE TABLE digests (
    user_id text NOT NULL REFERENCES users ON DELETE CASCADE,
    day     date NOT NULL,
    token   bytea NOT NULL UNIQUE CHECK (length(token) = 32),
    made_at timestamptz NOT NULL,
    events  integer NOT NULL,
    PRIMARY KEY (user_id, day)
);
CREATE INDEX digests_made ON digests (made_at);

GRANT SELECT, INSERT, UPDATE, DELETE ON webhook_endpoints, webhook_secrets, deliveries, attempts,
    digest_settings, digests TO alpine_app;
GRANT SELECT, UPDATE ON fan_out TO alpine_app;
