-- expands
-- Several processes work on one database: what they must have in common, and which of the steps
-- above an older program among them can work with.
CREATE TABLE common_keys (
    -- `vault`, or `witness` and the witness's name.
    name  text PRIMARY KEY,
    -- A word sealed with the vault's key, or the digest of the witness's.
    proof bytea NOT NULL
);
GRANT SELECT, INSERT, UPDATE ON common_keys TO alpine_app;

ALTER TABLE migrations ADD COLUMN IF NOT EXISTS expands boolean NOT NULL DEFAULT false;
