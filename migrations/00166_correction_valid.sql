-- +goose Up
SET lock_timeout = '10s';

-- Looks at the rows of before under a lock that lets everybody work.
ALTER TABLE payments VALIDATE CONSTRAINT payments_state_check;
ALTER TABLE payments VALIDATE CONSTRAINT payments_watched;
ALTER TABLE payments VALIDATE CONSTRAINT payments_struck_at_desk;
ALTER TABLE payment_history VALIDATE CONSTRAINT payment_history_what_check;
ALTER TABLE ledger_postings VALIDATE CONSTRAINT ledger_postings_kind_check;
ALTER TABLE deferrals VALIDATE CONSTRAINT deferrals_reason_check;

-- +goose Down
SELECT 1;
