-- +goose Up
SET lock_timeout = '10s';

-- Looks at the rows of before under a lock that lets everybody work.
ALTER TABLE queue_entries VALIDATE CONSTRAINT queue_rung_known;

-- +goose Down
SELECT 1;
