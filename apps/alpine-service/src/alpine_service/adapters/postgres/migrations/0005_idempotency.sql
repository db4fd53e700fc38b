-- Answers that a repeated request gets again. `answer` is sealed, because it may show a secret once;
-- it is NULL while the first request is worked on, which `until` says how long to believe.
CREATE TABLE idempotency (
    owner          text NOT NULL,
    route          text NOT NULL,
    key            text NOT NULL,
    request_sha256 bytea NOT NULL CHECK (length(request_sha256) = 32),
    answer         bytea,
    -- When the row means nothing any more.
    until          timestamptz NOT NULL,
    PRIMARY KEY (owner, route, key)
);
CREATE INDEX idempotency_until ON idempotency (until);

GRANT SELECT, INSERT, UPDATE, DELETE ON idempotency TO alpine_app;
