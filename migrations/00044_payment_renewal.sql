-- +goose Up
SET lock_timeout = '10s';

-- A reservation that would end before a dealer answers is replaced by a new one, which names it. Nothing else
-- may be a second deposit.
ALTER TABLE payments ADD COLUMN renews uuid REFERENCES payments;
CREATE UNIQUE INDEX payments_one_renewal ON payments (renews) WHERE renews IS NOT NULL AND state NOT IN ('expired', 'voided', 'lost', 'refunded', 'returning');

-- +goose Down
DROP INDEX payments_one_renewal;
ALTER TABLE payments DROP COLUMN renews;
