-- Who may come in, how they showed it, what they did, and the mails that wait to be sent. Secrets
-- are here as hashes, and where they must be had back, sealed; nothing here opens a door by itself.

-- `email` is what was typed; `email_key` is the same for all spellings of one address.
CREATE TABLE users (
    id          text PRIMARY KEY,
    email       text NOT NULL,
    email_key   text NOT NULL UNIQUE,
    -- An argon2id hash in its own text form, which says its parameters.
    password    text NOT NULL,
    role        text NOT NULL DEFAULT 'subscriber' CHECK (role IN ('subscriber', 'support', 'admin')),
    created_at  timestamptz NOT NULL,
    -- NULL: nobody has shown yet that the address is theirs.
    verified_at timestamptz,
    -- Not NULL: staff closed the account; no session and no key of it opens anything.
    suspended_at timestamptz
);
CREATE INDEX users_unverified ON users (created_at) WHERE verified_at IS NULL;

-- What a link in a mail carries, by its SHA-256; used once, which is to say deleted.
CREATE TABLE email_tokens (
    digest     bytea PRIMARY KEY CHECK (length(digest) = 32),
    user_id    text NOT NULL REFERENCES users ON DELETE CASCADE,
    purpose    text NOT NULL CHECK (purpose IN ('verify', 'reset', 'change')),
    -- The address that the mail went to, which is the only one that it speaks for.
    email      text NOT NULL,
    email_key  text NOT NULL,
    expires_at timestamptz NOT NULL
);
CREATE INDEX email_tokens_of ON email_tokens (user_id);
CREATE INDEX email_tokens_expired ON email_tokens (expires_at);

-- A pending session had the password and awaits the code: it can do nothing else.
CREATE TABLE sessions (
    id            text PRIMARY KEY,
    digest        bytea NOT NULL UNIQUE CHECK (length(digest) = 32),
    user_id       text NOT NULL REFERENCES users ON DELETE CASCADE,
    is_pending    boolean NOT NULL,
    second_factor boolean NOT NULL,
    -- Codes that were tried while pending.
    attempts      smallint NOT NULL DEFAULT 0,
    opened_at     timestamptz NOT NULL,
    -- Written at most once a minute.
    seen_at       timestamptz NOT NULL,
    idle_s        integer NOT NULL CHECK (idle_s > 0),
    expires_at    timestamptz NOT NULL,
    address       text NOT NULL,
    device        text NOT NULL
);
CREATE INDEX sessions_of ON sessions (user_id);
CREATE INDEX sessions_expired ON sessions (expires_at);

-- Networks from which somebody signed in, as a hash: strangers cannot use up their tries.
CREATE TABLE known_networks (
    user_id text NOT NULL REFERENCES users ON DELETE CASCADE,
    digest  bytea NOT NULL CHECK (length(digest) = 32),
    seen_at timestamptz NOT NULL,
    PRIMARY KEY (user_id, digest)
);
CREATE INDEX known_networks_seen ON known_networks (seen_at);

-- A TOTP secret, sealed. `last_step` is the newest time step of which a code was used.
CREATE TABLE second_factors (
    user_id      text PRIMARY KEY REFERENCES users ON DELETE CASCADE,
    sealed       bytea NOT NULL,
    begun_at     timestamptz NOT NULL,
    -- NULL: no code was shown yet, so it guards nothing.
    confirmed_at timestamptz,
    last_step    bigint NOT NULL DEFAULT 0
);

-- Used once, which is to say deleted.
CREATE TABLE recovery_codes (
    user_id text NOT NULL REFERENCES users ON DELETE CASCADE,
    digest  bytea NOT NULL CHECK (length(digest) = 32),
    PRIMARY KEY (user_id, digest)
);

-- The theoretical arrival time of GCRA, one row for each thing that is counted; before now it means
-- nothing any more. Not logged, because after a crash everybody may begin anew.
CREATE UNLOGGED TABLE throttle (
    key bytea PRIMARY KEY CHECK (length(key) = 32),
    tat timestamptz NOT NULL
);
CREATE INDEX throttle_tat ON throttle (tat);

-- What was done by whom to what. Added to and never changed, not by the owner of the tables either.
CREATE TABLE audit (
    number  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at      timestamptz NOT NULL,
    actor   text NOT NULL,
    deed    text NOT NULL,
    subject text NOT NULL,
    details jsonb NOT NULL
);
CREATE INDEX audit_by_actor ON audit (actor, number DESC);
CREATE INDEX audit_by_subject ON audit (subject, number DESC);
CREATE INDEX audit_by_deed ON audit (deed, number DESC);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit trail is only ever added to';
END
$$;
CREATE TRIGGER audit_is_only_added_to BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Clients' addresses are personal: they go after a while, and with the account, the deeds stay.
CREATE TABLE audit_addresses (
    number  bigint PRIMARY KEY,
    at      timestamptz NOT NULL,
    address text NOT NULL
);
CREATE INDEX audit_addresses_at ON audit_addresses (at);

-- Mails that wait. A sent one is deleted, because its text may hold a secret. Whoever sends one moves
-- `next_at` on while it tries, so that another finds it again only if the first was lost.
CREATE TABLE mail_queue (
    id        text PRIMARY KEY,
    recipient text NOT NULL,
    subject   text NOT NULL,
    text      text NOT NULL,
    html      text,
    headers   jsonb NOT NULL,
    queued_at timestamptz NOT NULL,
    next_at   timestamptz NOT NULL,
    tries     smallint NOT NULL DEFAULT 0
);
CREATE INDEX mail_queue_next ON mail_queue (next_at);

GRANT SELECT, INSERT, UPDATE, DELETE ON users, email_tokens, sessions, known_networks,
    second_factors, recovery_codes, throttle, mail_queue TO alpine_app;
GRANT SELECT, INSERT ON audit TO alpine_app;
GRANT SELECT, INSERT, DELETE ON audit_addresses TO alpine_app;
