-- +goose Up
SET lock_timeout = '10s';

-- What the card bank gave back to the card holder for good, by disputes: no refund has to bring it again. Code of
-- before does not write it; the doctor compares it with the ledger.
ALTER TABLE payments ADD COLUMN lost_minor bigint NOT NULL DEFAULT 0 CHECK (lost_minor >= 0);
UPDATE payments p SET lost_minor = d.minor FROM (SELECT payment_id, sum(amount_minor) AS minor FROM disputes WHERE status = 'lost' GROUP BY payment_id) d
  WHERE d.payment_id = p.id;
CREATE INDEX payments_lost ON payments (id) WHERE lost_minor > 0;

-- Disputes that the bank has not decided: other rooms ask here, so that one place says which they are. taken: the
-- bank holds the money; else it only asks what the payment was.
CREATE VIEW open_disputes AS
  SELECT order_id, payment_id, market, currency, amount_minor, status IN ('needs_response', 'under_review') AS taken
  FROM disputes WHERE status IN ('warning_needs_response', 'warning_under_review', 'needs_response', 'under_review');

-- +goose Down
DROP VIEW open_disputes;
DROP INDEX payments_lost;
ALTER TABLE payments DROP COLUMN lost_minor;
