-- +goose Up
SET lock_timeout = '10s';

-- A part of a payment that goes back while the rest stays: what a change made too much, or what came beyond what was
-- owed. The payment itself stays captured. Code of before knows no parts and makes none.
CREATE TABLE payment_parts (
  id            uuid PRIMARY KEY,
  payment_id    uuid NOT NULL,
  order_id      uuid NOT NULL,
  seq           integer NOT NULL CHECK (seq > 0), -- of the order's parts, for its letters
  amount_minor  bigint NOT NULL CHECK (amount_minor > 0),
  reason        text NOT NULL CHECK (reason IN ('changed', 'too_much')),
  state         text NOT NULL CHECK (state IN ('due', 'sent')), -- sent is posted in the ledger
  refund_id     text NOT NULL DEFAULT '',       -- the card bank's; empty for what a person gives back
  refund_status text NOT NULL DEFAULT '' CHECK (refund_status IN ('', 'pending', 'succeeded', 'failed')),
  created_at    timestamptz NOT NULL,
  updated_at    timestamptz NOT NULL,
  UNIQUE (order_id, seq),
  FOREIGN KEY (payment_id, order_id) REFERENCES payments (id, order_id)
);
CREATE INDEX payment_parts_payment ON payment_parts (payment_id);
CREATE INDEX payment_parts_due ON payment_parts (created_at) WHERE state = 'due';

-- The sums of a payment's parts stand with it, so that nobody who reads a payment forgets them: all that was decided,
-- and of it what is not sent yet.
ALTER TABLE payments ADD COLUMN part_minor bigint NOT NULL DEFAULT 0, ADD COLUMN part_due_minor bigint NOT NULL DEFAULT 0;
ALTER TABLE payments ADD CONSTRAINT payments_part CHECK (part_due_minor >= 0 AND part_due_minor <= part_minor AND part_minor + kept_minor <= amount_minor) NOT VALID;
-- Few beside the others, and looked at every minute.
CREATE INDEX payments_parted ON payments (order_id) WHERE part_minor > 0;

ALTER TABLE payment_history DROP CONSTRAINT payment_history_what_check;
ALTER TABLE payment_history ADD CONSTRAINT payment_history_what_check CHECK (what IN ('opening', 'open', 'authorised', 'capturing', 'captured', 'returning', 'voided', 'refunded', 'expired', 'lost',
  'declined', 'asked', 'refund_pending', 'refund_sent', 'refund_failed', 'inquiry', 'disputed', 'dispute_answered', 'dispute_won', 'dispute_lost', 'inquiry_closed',
  'part_due', 'part_sent', 'part_failed')) NOT VALID;

-- +goose Down
-- The history is append-only: lines of parts stay, and only new ones are refused.
ALTER TABLE payment_history DROP CONSTRAINT payment_history_what_check;
ALTER TABLE payment_history ADD CONSTRAINT payment_history_what_check CHECK (what IN ('opening', 'open', 'authorised', 'capturing', 'captured', 'returning', 'voided', 'refunded', 'expired', 'lost',
  'declined', 'asked', 'refund_pending', 'refund_sent', 'refund_failed', 'inquiry', 'disputed', 'dispute_answered', 'dispute_won', 'dispute_lost', 'inquiry_closed')) NOT VALID;
ALTER TABLE payments DROP CONSTRAINT payments_part, DROP COLUMN part_due_minor, DROP COLUMN part_minor;
DROP TABLE payment_parts;
