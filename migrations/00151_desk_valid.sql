-- +goose Up
SET lock_timeout = '10s';

-- Looks at the rows of before under a lock that lets everybody work.
ALTER TABLE drafts VALIDATE CONSTRAINT drafts_origin;
ALTER TABLE orders VALIDATE CONSTRAINT orders_origin;

-- +goose Down
SELECT 1;
