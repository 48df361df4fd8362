-- +goose Up
SET lock_timeout = '10s';

-- Looks at the rows of before without keeping anybody from writing new ones.
ALTER TABLE ledger_postings VALIDATE CONSTRAINT ledger_postings_kind_check;

-- +goose Down
