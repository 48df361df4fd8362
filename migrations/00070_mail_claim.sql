-- +goose Up
SET lock_timeout = '10s';

-- When somebody began to send a message. Two runs of one job, as after a database that was gone for a while, must
-- not both send it; a claim is worth nothing after five seconds, so that a process that died delays nobody for long.
ALTER TABLE mails ADD COLUMN claimed_at timestamptz;

-- +goose Down
ALTER TABLE mails DROP COLUMN claimed_at;
