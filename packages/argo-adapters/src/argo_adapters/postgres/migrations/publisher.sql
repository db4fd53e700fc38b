-- Who may publish, beside the record and apart from it: a row for each log, changed in place.
CREATE SCHEMA IF NOT EXISTS publisher;
CREATE TABLE IF NOT EXISTS publisher.lease (
    log text COLLATE "C" PRIMARY KEY,
    token bigint NOT NULL,
    holder text NOT NULL,
    ends timestamptz NOT NULL,
    session integer,
    session_began timestamptz
);
-- A table of before sessions were kept. Asked first, because even ADD COLUMN IF NOT EXISTS would
-- wait for a dump that reads the table, and renewals would wait behind it.
DO $$ BEGIN
    IF NOT EXISTS (
        SELECT FROM pg_catalog.pg_attribute
        WHERE attrelid = 'publisher.lease'::pg_catalog.regclass AND attname = 'session'
    ) THEN
        ALTER TABLE publisher.lease ADD COLUMN session integer,
            ADD COLUMN session_began timestamptz;
    END IF;
END $$;
REVOKE ALL ON SCHEMA publisher FROM PUBLIC, {app};
REVOKE ALL ON publisher.lease FROM PUBLIC, {app};
GRANT USAGE ON SCHEMA publisher TO {app};
GRANT SELECT, INSERT, UPDATE ON publisher.lease TO {app};
