-- Addresses that had their trial. It outlives the account, or whoever deletes theirs and registers
-- anew would have another; so it keeps a digest and not the address.
CREATE TABLE trials_had (
    address bytea PRIMARY KEY CHECK (length(address) = 32),
    at      timestamptz NOT NULL
);
GRANT SELECT, INSERT ON trials_had TO alpine_app;
