-- +goose Up
SET lock_timeout = '10s';

-- The last full look, which a job makes every night: all rows however old, and the card bank's balance.
ALTER TABLE examinations ADD COLUMN full_report jsonb;

-- +goose Down
ALTER TABLE examinations DROP COLUMN full_report;
