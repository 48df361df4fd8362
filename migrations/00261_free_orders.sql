-- +goose Up
SET lock_timeout = '10s';

-- Work in a workshop may cost nothing (a recall, a visit that a service plan pays for), and be paid when the car is fetched.
ALTER TABLE orders DROP CONSTRAINT orders_check, DROP CONSTRAINT orders_total_minor_check,
  ADD CONSTRAINT orders_deposit CHECK (deposit_minor BETWEEN 0 AND total_minor AND (deposit_minor > 0 OR flow = 'service')) NOT VALID;

-- +goose Down
ALTER TABLE orders DROP CONSTRAINT orders_deposit,
  ADD CONSTRAINT orders_check CHECK (deposit_minor > 0 AND deposit_minor <= total_minor) NOT VALID, ADD CONSTRAINT orders_total_minor_check CHECK (total_minor > 0) NOT VALID;
