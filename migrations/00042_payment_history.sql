-- +goose Up
SET lock_timeout = '10s';

-- What became of each payment, step by step, as the buyer and the staff are told. A step of the payment's
-- machine is written with the step; others are what the bank says beside it: a decline, a question to the
-- buyer, a refund on its way, a dispute. Those come with the bank's own key, so that none is told twice.
CREATE TABLE payment_history (
  payment_id uuid NOT NULL,
  order_id   uuid NOT NULL,
  seq        integer NOT NULL,
  at         timestamptz NOT NULL,
  what       text NOT NULL CHECK (what IN ('opening', 'open', 'authorised', 'capturing', 'captured', 'returning', 'voided', 'refunded', 'expired', 'lost',
    'declined', 'asked', 'refund_pending', 'refund_sent', 'refund_failed', 'inquiry', 'disputed', 'dispute_answered', 'dispute_won', 'dispute_lost', 'inquiry_closed')),
  code       text NOT NULL DEFAULT '', -- why: the bank's decline code, the reason of a return
  reference  text NOT NULL DEFAULT '', -- the bank's key
  PRIMARY KEY (payment_id, seq),
  FOREIGN KEY (payment_id, order_id) REFERENCES payments (id, order_id)
);
CREATE UNIQUE INDEX payment_history_once ON payment_history (payment_id, what, reference) WHERE reference <> '';
CREATE INDEX payment_history_order ON payment_history (order_id);
CREATE TRIGGER payment_history_append_only BEFORE UPDATE OR DELETE ON payment_history FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- How far the money of a refund is; empty before one is asked for.
ALTER TABLE payments ADD COLUMN refund_status text NOT NULL DEFAULT '' CHECK (refund_status IN ('', 'pending', 'succeeded', 'failed'));

-- +goose Down
ALTER TABLE payments DROP COLUMN refund_status;
DROP TABLE payment_history;
