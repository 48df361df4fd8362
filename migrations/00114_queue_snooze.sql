-- +goose Up
SET lock_timeout = '10s';

-- Until when a site has put an entry aside in its own list. It changes nothing else: no clock, no letter.
ALTER TABLE queue_entries ADD COLUMN snoozed_until timestamptz;

-- +goose Down
ALTER TABLE queue_entries DROP COLUMN snoozed_until;
