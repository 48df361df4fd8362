-- +goose Up
SET lock_timeout = '10s';

-- Looks at the rows of before under a lock that lets everybody work.
ALTER TABLE order_requests VALIDATE CONSTRAINT order_requests_state_check;
ALTER TABLE order_requests VALIDATE CONSTRAINT order_requests_answered;
ALTER TABLE order_requests VALIDATE CONSTRAINT order_requests_ordered;

-- +goose Down
SELECT 1;
