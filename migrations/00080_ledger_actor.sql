-- +goose Up
SET lock_timeout = '10s';

-- Who moved the money and within which request: "buyer", "staff:<user id>", "system:<job kind>",
-- "bank:<event id>". Code of before writes neither, so both may be empty; the doctor tells rows that an
-- instance of now left unsigned.
ALTER TABLE ledger_postings ADD COLUMN actor text NOT NULL DEFAULT '', ADD COLUMN request_id text NOT NULL DEFAULT '';
-- Rows of before and nothing else: the doctor looks for young ones.
CREATE INDEX ledger_postings_unsigned ON ledger_postings (at) WHERE actor = '' OR request_id = '';

-- +goose Down
DROP INDEX ledger_postings_unsigned;
ALTER TABLE ledger_postings DROP COLUMN actor, DROP COLUMN request_id;
