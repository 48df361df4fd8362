-- +goose Up
SET lock_timeout = '10s';

-- Looks at the rows of before under a lock that lets everybody work.
ALTER TABLE allocation_receipts VALIDATE CONSTRAINT allocation_receipts_event_check;
ALTER TABLE ledger_postings VALIDATE CONSTRAINT ledger_postings_kind_check;

-- +goose Down
SELECT 1;
