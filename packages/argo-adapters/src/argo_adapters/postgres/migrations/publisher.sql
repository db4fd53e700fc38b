-- Who may publish, beside the record and apart from it: a row for each log, changed in place.
CREATE SCHEMA IF NOT EXISTS publisher;
CREATE TABLE IF NOT EXISTS publisher.lease (
    log text COLLATE "C" PRIMARY KEY,
    token bigint NOT NULL,
    holder text NOT NULL,
    ends timestamptz NOT NULL,
    session integer NOT NULL,
    session_began timestamptz NOT NULL
);
REVOKE ALL ON SCHEMA publisher FROM PUBLIC, {app};
REVOKE ALL ON publisher.lease FROM PUBLIC, {app};
GRANT USAGE ON SCHEMA publisher TO {app};
GRANT SELECT, INSERT, UPDATE ON publisher.lease TO {app};
