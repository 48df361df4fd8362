-- +goose Up
SET lock_timeout = '10s';

-- Where the promise of news was openly broken, the dealer who was silent gives the buyer something: once for each silence of
-- an order of which the buyer was told, as much as the market said on that day. It ends with an order that ends without a
-- sale, or is taken back with it.
CREATE TABLE goodwills (
  order_id     uuid NOT NULL,
  round        integer NOT NULL,      -- of the silence
  market       text NOT NULL,
  dealer       text NOT NULL,         -- who was silent, and pays
  currency     text NOT NULL,
  amount_minor bigint NOT NULL CHECK (amount_minor > 0),
  at           timestamptz NOT NULL,
  back_at      timestamptz,
  PRIMARY KEY (order_id, round),
  FOREIGN KEY (order_id, round) REFERENCES silences (order_id, round),
  FOREIGN KEY (order_id, market) REFERENCES orders (id, market),
  FOREIGN KEY (order_id, currency) REFERENCES orders (id, currency),
  FOREIGN KEY (dealer, market) REFERENCES dealers (code, market)
);
CREATE INDEX goodwills_dealer ON goodwills (dealer, at);

-- It counts like money that the buyer paid. Few beside the others, and looked at every minute.
CREATE INDEX ledger_postings_goodwill ON ledger_postings (order_id) WHERE kind = 'goodwill';
CREATE OR REPLACE VIEW order_paid AS
  SELECT l.order_id, -sum(l.amount_minor) AS paid_minor
  FROM ledger_lines l JOIN ledger_postings k ON k.id = l.posting_id
  WHERE l.account = 'buyer' AND k.kind IN ('capture', 'refund', 'refund_failed', 'desk', 'desk_return', 'desk_struck', 'transfer', 'transfer_return', 'dispute_lost', 'goodwill')
  GROUP BY l.order_id;

-- Where all was paid it goes back as part of a payment.
ALTER TABLE payment_parts DROP CONSTRAINT payment_parts_reason_check;
ALTER TABLE payment_parts ADD CONSTRAINT payment_parts_reason_check CHECK (reason IN ('changed', 'too_much', 'goodwill')) NOT VALID;

-- +goose Down
-- Postings and parts that were written stay: only new ones are refused. The view goes on counting them, or the books of the
-- orders that have them would not add up.
ALTER TABLE payment_parts DROP CONSTRAINT payment_parts_reason_check;
ALTER TABLE payment_parts ADD CONSTRAINT payment_parts_reason_check CHECK (reason IN ('changed', 'too_much')) NOT VALID;
DROP INDEX ledger_postings_goodwill;
DROP TABLE goodwills;
