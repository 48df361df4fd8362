-- +goose Up
SET lock_timeout = '10s';

-- A buyer who writes after the handover waits for an answer like one before it. Few do at a time: found without reading all
-- that was ever handed over.
CREATE INDEX queue_asked_after ON queue_entries (dealer, flow) WHERE state = 'done' AND asked_at IS NOT NULL;

-- +goose Down
DROP INDEX queue_asked_after;
