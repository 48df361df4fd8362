-- +goose Up
SET lock_timeout = '10s';

-- Looks at the rows of before under a lock that lets everybody work.
ALTER TABLE payments VALIDATE CONSTRAINT payments_part;
ALTER TABLE payment_history VALIDATE CONSTRAINT payment_history_what_check;
ALTER TABLE ledger_postings VALIDATE CONSTRAINT ledger_postings_kind_check;

-- +goose Down
SELECT 1;
