-- +goose Up
SET lock_timeout = '10s';

-- Looks at the rows of before under a lock that lets everybody work.
ALTER TABLE orders VALIDATE CONSTRAINT orders_deposit;

-- +goose Down
SELECT 1;
