-- The record is append-only; the reading can be made anew from it at any time.
CREATE SCHEMA record;
CREATE SCHEMA reading;

-- Which migrations made this schema, each with the SHA-256 of its text.
CREATE TABLE record.migrations (
    number integer PRIMARY KEY,
    name text COLLATE "C" NOT NULL,
    sha256 bytea NOT NULL
);

CREATE TABLE record.entries (
    idx bigint PRIMARY KEY,
    data bytea NOT NULL
);
-- Most entries are short and none is compressed: their bytes are the evidence.
ALTER TABLE record.entries ALTER COLUMN data SET STORAGE EXTERNAL;

CREATE TABLE record.leaves (
    idx bigint PRIMARY KEY,
    hash bytea NOT NULL
);

-- Hashes of the tiles above the leaves: `idx` counts within a level, from 1 on.
CREATE TABLE record.nodes (
    level integer,
    idx bigint,
    hash bytea NOT NULL,
    PRIMARY KEY (level, idx)
);

CREATE TABLE record.capsules (
    sha256 bytea PRIMARY KEY,
    data bytea NOT NULL,
    CONSTRAINT capsules_hashed CHECK (sha256 = pg_catalog.sha256(data))
);

CREATE TABLE record.sealed (
    commitment bytea PRIMARY KEY,
    nonce bytea NOT NULL,
    body bytea NOT NULL
);

-- Where the log stood after each batch; `sequences` is canonical JSON, `note` the signed bytes.
CREATE TABLE record.heads (
    size bigint PRIMARY KEY,
    fence bigint NOT NULL,
    peaks bytea NOT NULL,
    sequences text COLLATE "C" NOT NULL,
    last_decided_us bigint NOT NULL,
    signals bigint NOT NULL,
    note bytea NOT NULL
);

-- `place` counts within a size, in the order in which they came.
CREATE TABLE record.cosignatures (
    size bigint,
    key text COLLATE "C",
    place integer NOT NULL,
    time_s bigint NOT NULL,
    line text COLLATE "C" NOT NULL,
    PRIMARY KEY (size, key)
);
CREATE INDEX cosignatures_size_time_s ON record.cosignatures (size, time_s);

CREATE TABLE record.leases (
    token bigint PRIMARY KEY,
    holder text COLLATE "C" NOT NULL,
    taken timestamptz NOT NULL
);

CREATE FUNCTION record.refuse() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    RAISE EXCEPTION '%.% is append-only', TG_TABLE_SCHEMA, TG_TABLE_NAME USING ERRCODE = 'AR003';
END
$$;

-- What was inserted must follow what was there, without a gap: with the key's uniqueness, indices
-- that number as many as they span are all there.
CREATE FUNCTION record.continue_indices() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
    added record;
    last bigint;
    before bigint;
BEGIN
    SELECT count(*) AS rows, min(idx) AS first, max(idx) AS last INTO added FROM fresh;
    IF added.rows = 0 THEN
        RETURN NULL;
    END IF;
    EXECUTE format('SELECT max(idx) FROM %I.%I', TG_TABLE_SCHEMA, TG_TABLE_NAME) INTO last;
    EXECUTE format('SELECT idx FROM %I.%I WHERE idx = $1 - 1', TG_TABLE_SCHEMA, TG_TABLE_NAME)
        INTO before USING added.first;
    IF added.last - added.first + 1 <> added.rows
        OR added.last <> last
        OR coalesce(before, -1) <> added.first - 1
    THEN
        RAISE EXCEPTION '%.% goes on in order', TG_TABLE_SCHEMA, TG_TABLE_NAME
            USING ERRCODE = 'AR001';
    END IF;
    RETURN NULL;
END
$$;

CREATE FUNCTION record.continue_nodes() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
    added record;
    last bigint;
    before bigint;
BEGIN
    FOR added IN
        SELECT level, count(*) AS rows, min(idx) AS first, max(idx) AS last
        FROM fresh GROUP BY level
    LOOP
        SELECT max(idx) INTO last FROM record.nodes WHERE level = added.level;
        SELECT idx INTO before
        FROM record.nodes WHERE level = added.level AND idx = added.first - 1;
        IF added.level < 1
            OR added.last - added.first + 1 <> added.rows
            OR added.last <> last
            OR coalesce(before, -1) <> added.first - 1
        THEN
            RAISE EXCEPTION 'record.nodes goes on in order' USING ERRCODE = 'AR001';
        END IF;
    END LOOP;
    RETURN NULL;
END
$$;

-- A head covers all entries, comes after the others, and is written by the newest lease alone.
CREATE FUNCTION record.continue_heads() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    IF NEW.fence IS DISTINCT FROM (SELECT max(token) FROM record.leases) THEN
        RAISE EXCEPTION 'another writer has a newer lease' USING ERRCODE = 'AR002';
    END IF;
    IF NEW.size <> (SELECT coalesce(max(idx), -1) + 1 FROM record.entries)
        OR NEW.size <= (SELECT coalesce(max(size), 0) FROM record.heads)
    THEN
        RAISE EXCEPTION 'record.heads goes on in order' USING ERRCODE = 'AR001';
    END IF;
    RETURN NEW;
END
$$;

CREATE FUNCTION record.continue_leases() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    IF NEW.token <> (SELECT coalesce(max(token), 0) + 1 FROM record.leases) THEN
        RAISE EXCEPTION 'record.leases goes on in order' USING ERRCODE = 'AR001';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER in_order AFTER INSERT ON record.entries REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION record.continue_indices();
CREATE TRIGGER in_order AFTER INSERT ON record.leaves REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION record.continue_indices();
CREATE TRIGGER in_order AFTER INSERT ON record.nodes REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION record.continue_nodes();
CREATE TRIGGER in_order BEFORE INSERT ON record.heads
    FOR EACH ROW EXECUTE FUNCTION record.continue_heads();
CREATE TRIGGER in_order BEFORE INSERT ON record.leases
    FOR EACH ROW EXECUTE FUNCTION record.continue_leases();

-- ALWAYS, because a session that plays a replica would otherwise pass by them.
DO $$
DECLARE
    name text;
BEGIN
    FOR name IN SELECT tablename FROM pg_catalog.pg_tables WHERE schemaname = 'record' LOOP
        EXECUTE pg_catalog.format(
            'CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON record.%I '
            'FOR EACH STATEMENT EXECUTE FUNCTION record.refuse()', name);
        EXECUTE pg_catalog.format('ALTER TABLE record.%I ENABLE ALWAYS TRIGGER append_only', name);
    END LOOP;
    FOREACH name IN ARRAY ARRAY['entries', 'leaves', 'nodes', 'heads', 'leases'] LOOP
        EXECUTE pg_catalog.format('ALTER TABLE record.%I ENABLE ALWAYS TRIGGER in_order', name);
    END LOOP;
END
$$;

-- `commitment` where the record only commits to the signal; `revealed` is the index of the entry
-- that shows it. `resolved` tells whether its outcome is in the record.
CREATE TABLE reading.signals (
    idx bigint PRIMARY KEY,
    symbol text COLLATE "C" NOT NULL,
    direction text COLLATE "C" NOT NULL,
    magnitude_bp integer NOT NULL,
    decided_us bigint NOT NULL,
    commitment bytea,
    revealed bigint,
    resolved boolean NOT NULL
);
CREATE INDEX signals_symbol_idx ON reading.signals (symbol, idx);
CREATE INDEX signals_symbol_decided_us ON reading.signals (symbol, decided_us);
CREATE INDEX signals_symbol_direction_decided_us
    ON reading.signals (symbol, direction, decided_us);
CREATE INDEX signals_decided_us ON reading.signals (decided_us);
CREATE INDEX signals_unrevealed ON reading.signals (idx) WHERE revealed IS NULL;
CREATE INDEX signals_unresolved ON reading.signals (idx)
    WHERE NOT resolved AND direction <> 'HOLD';

-- The symbols there are, each with its newest signal.
CREATE TABLE reading.standing (
    symbol text COLLATE "C" PRIMARY KEY,
    idx bigint NOT NULL
);

CREATE TABLE reading.outcomes (
    signal_idx bigint PRIMARY KEY,
    idx bigint NOT NULL
);
