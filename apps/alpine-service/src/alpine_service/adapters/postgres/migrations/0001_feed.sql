-- What was read from the log and verified; what was refused, with its evidence; and the stream of
-- events made of it. Names in the log's words: an entry has an index, a checkpoint a size.

-- One row: how far the log was read and verified. `nodes` are the hashes of the perfect subtrees
-- that the tree of `size` leaves is made of, the largest first, 32 bytes each.
CREATE TABLE feed_head (
    log        text PRIMARY KEY,
    size       bigint NOT NULL CHECK (size >= 0),
    root       bytea NOT NULL CHECK (length(root) = 32),
    nodes      bytea NOT NULL,
    note       bytea NOT NULL,
    read_at    timestamptz NOT NULL,
    -- The newest time at which the log was heard at all, news or not.
    heard_at   timestamptz NOT NULL,
    -- Bodies of commits were asked for up to this index.
    bodies_from bigint NOT NULL DEFAULT 0
);

-- Every entry that was accepted, byte for byte.
CREATE TABLE entries (
    log_index     bigint PRIMARY KEY,
    kind          text NOT NULL,
    strategy      text NOT NULL,
    seq           bigint NOT NULL,
    decided_us    bigint NOT NULL,
    data          bytea NOT NULL,
    signal_sha256 bytea NOT NULL CHECK (length(signal_sha256) = 32),
    UNIQUE (strategy, seq)
);

-- Tiles as on the wire: up to 256 hashes of 32 bytes; the last of a level grows.
CREATE TABLE tiles (
    level  smallint NOT NULL,
    number bigint NOT NULL,
    hashes bytea NOT NULL CHECK (length(hashes) BETWEEN 32 AND 8192 AND length(hashes) % 32 = 0),
    PRIMARY KEY (level, number)
);

-- Checkpoints up to which entries were accepted, with the signatures they came with, and the least
-- time at which a pinned witness cosigned them, if one has.
CREATE TABLE checkpoints (
    size         bigint PRIMARY KEY,
    root         bytea NOT NULL,
    note         bytea NOT NULL,
    cosigned_s   bigint,
    read_at      timestamptz NOT NULL
);

-- What the witness cosigned last, for each log; never to be restored from a backup.
CREATE TABLE witness_head (
    log      text PRIMARY KEY,
    size     bigint NOT NULL CHECK (size >= 0),
    root     bytea NOT NULL CHECK (length(root) = 32),
    note     bytea NOT NULL,
    cosigned_s bigint NOT NULL
);

-- Every strategy, retired ones too.
CREATE TABLE strategies (
    strategy        text PRIMARY KEY,
    registered_index bigint NOT NULL,
    disclosure      text NOT NULL CHECK (disclosure IN ('open', 'delayed')),
    registration    bytea NOT NULL,
    next_seq        bigint NOT NULL,
    retired_index   bigint,
    registered_us   bigint NOT NULL
);

-- Signals, one row for each that was published or committed. Of a commit that we have no body of
-- yet only the first members are there. `data` is the signal's entry, or the body of its commit.
CREATE TABLE signals (
    log_index     bigint PRIMARY KEY,
    strategy      text NOT NULL,
    seq           bigint NOT NULL,
    decided_us    bigint NOT NULL,
    -- The least time of a pinned witness over checkpoints that cover it.
    official_s    bigint,
    disclosure    text NOT NULL CHECK (disclosure IN ('open', 'delayed')),
    commitment    bytea,
    reveal_after_us bigint,
    revealed_index bigint,
    -- 0: everybody, 1: real-time plans only; see Audience. NULL while we have no body.
    audience      smallint,
    signal_id     text UNIQUE,
    symbol        text,
    direction     text,
    confidence_bp integer,
    data          bytea,
    nonce         bytea,
    outcome_index bigint,
    outcome       bytea,
    result        text,
    return_bp     bigint
);
CREATE INDEX signals_by_symbol ON signals (symbol, log_index DESC) WHERE audience IS NOT NULL;
CREATE INDEX signals_by_strategy ON signals (strategy, log_index DESC);
CREATE INDEX signals_by_direction ON signals (direction, log_index DESC) WHERE audience IS NOT NULL;
CREATE INDEX signals_by_time ON signals (decided_us DESC);
CREATE INDEX signals_by_commitment ON signals (commitment) WHERE commitment IS NOT NULL;
CREATE INDEX signals_sealed ON signals (log_index) WHERE disclosure = 'delayed' AND audience IS NULL;
CREATE INDEX signals_hidden ON signals (log_index) WHERE audience IS DISTINCT FROM 0;
-- From one strategy and symbol to the next, and to the newest signal of each.
CREATE INDEX signals_standing ON signals (strategy, symbol, log_index DESC)
    WHERE audience IS NOT NULL;
-- In the order in which they came into the count: an open signal has no reveal.
CREATE INDEX signals_counted ON signals (greatest(outcome_index, revealed_index))
    WHERE audience = 0 AND return_bp IS NOT NULL;

-- What was refused: nothing in it was delivered. The evidence is what the server sent, byte for
-- byte, under names such as `checkpoint`, `kept checkpoint`, `entry`, `tile/0/000`.
CREATE TABLE quarantine (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    log       text NOT NULL,
    at        timestamptz NOT NULL,
    reason    text NOT NULL,
    problem   text NOT NULL,
    -- Two histories under the log's own signatures: nothing more is read until it is resolved.
    halts     boolean NOT NULL DEFAULT false,
    size      bigint,
    log_index bigint,
    -- The same refusal again is counted, not stored again.
    digest    bytea NOT NULL UNIQUE,
    times     bigint NOT NULL DEFAULT 1,
    last_at   timestamptz NOT NULL,
    resolved_at timestamptz,
    resolved_by text
);
CREATE INDEX quarantine_open ON quarantine (log) WHERE resolved_at IS NULL;
CREATE TABLE evidence (
    quarantine bigint NOT NULL REFERENCES quarantine,
    name       text NOT NULL,
    data       bytea NOT NULL,
    PRIMARY KEY (quarantine, name)
);

-- The stream of events. Its number is drawn from the one row of `stream_head`, whose lock is held
-- until the commit: numbers have no gap, and nobody sees 5 before 4.
CREATE TABLE stream_head (
    one    boolean PRIMARY KEY DEFAULT true CHECK (one),
    number bigint NOT NULL
);
INSERT INTO stream_head (number) VALUES (0);
CREATE TABLE events (
    number    bigint PRIMARY KEY,
    kind      text NOT NULL,
    audience  smallint NOT NULL,
    log_index bigint NOT NULL,
    strategy  text NOT NULL,
    symbol    text,
    signal_id text,
    data      bytea NOT NULL,
    at_us     bigint NOT NULL,
    -- One entry of the log tells one thing once.
    UNIQUE (log_index, kind)
);

GRANT SELECT, INSERT, UPDATE ON feed_head, tiles, checkpoints, witness_head, strategies, signals,
    quarantine, stream_head TO alpine_app;
GRANT SELECT, INSERT ON entries, evidence, events TO alpine_app;
