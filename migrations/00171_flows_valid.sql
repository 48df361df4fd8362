-- +goose Up
SET lock_timeout = '10s';

-- Looks at the rows of before under a lock that lets everybody work.
ALTER TABLE switches VALIDATE CONSTRAINT switches_flow;
ALTER TABLE pilot_memberships VALIDATE CONSTRAINT pilot_memberships_flow;
ALTER TABLE orders VALIDATE CONSTRAINT orders_state;
ALTER TABLE orders VALIDATE CONSTRAINT orders_configured;
ALTER TABLE orders VALIDATE CONSTRAINT orders_vin_known;

-- +goose Down
SELECT 1;
