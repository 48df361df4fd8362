-- +goose Up
SET lock_timeout = '10s';

-- A file of cars asks for thousands of VINs at a time which of them are on their way to a buyer, of whatever flow. The unique indexes
-- are of one flow each, and such a question could use neither.
CREATE INDEX orders_live_vin ON orders (vin) WHERE vin IS NOT NULL AND state NOT IN ('cancelled', 'lapsed', 'returned', 'handed_over');

-- +goose Down
DROP INDEX orders_live_vin;
