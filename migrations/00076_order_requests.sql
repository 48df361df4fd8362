-- +goose Up
SET lock_timeout = '10s';

-- What a buyer asks of a dealer after one has accepted: to take the order over from another, or to build another car.
-- The order itself stays as it is until the dealer says yes; then all of it changes in that transaction.
CREATE TABLE order_requests (
  id                 uuid PRIMARY KEY,
  order_id           uuid NOT NULL,
  market             text NOT NULL,
  seq                integer NOT NULL CHECK (seq > 0), -- of the order's requests, for its letters
  kind               text NOT NULL CHECK (kind IN ('dealer', 'car')),
  state              text NOT NULL CHECK (state IN ('asked', 'accepted', 'declined', 'expired', 'withdrawn', 'overtaken')),
  from_dealer        text NOT NULL,            -- who has the order
  to_dealer          text NOT NULL,            -- who is asked; the same for a car
  asked_at           timestamptz NOT NULL,
  due_at             timestamptz NOT NULL,     -- silence until then is a no
  answered_at        timestamptz,
  answered_by        text NOT NULL DEFAULT '',
  reason             text NOT NULL DEFAULT '',
  from_configuration text REFERENCES configurations (code),
  to_configuration   text REFERENCES configurations (code),
  to_total_minor     bigint,                   -- the price the buyer saw, kept until the answer
  to_snapshot        jsonb,
  prices_of          date,
  UNIQUE (order_id, seq),
  FOREIGN KEY (order_id, market) REFERENCES orders (id, market),
  FOREIGN KEY (from_dealer, market) REFERENCES dealers (code, market),
  FOREIGN KEY (to_dealer, market) REFERENCES dealers (code, market),
  CONSTRAINT order_requests_answered CHECK ((state = 'asked') = (answered_at IS NULL)),
  CONSTRAINT order_requests_kind CHECK ((kind = 'dealer') = (from_dealer <> to_dealer)
    AND (kind = 'car') = (to_snapshot IS NOT NULL AND to_total_minor > 0 AND prices_of IS NOT NULL AND from_configuration IS NOT NULL AND to_configuration IS NOT NULL))
);
-- One question at a time: two could be answered with yes and contradict each other.
CREATE UNIQUE INDEX order_requests_one_asked ON order_requests (order_id) WHERE state = 'asked';
CREATE INDEX order_requests_dealer ON order_requests (to_dealer) WHERE state = 'asked';
CREATE INDEX order_requests_due ON order_requests (due_at) WHERE state = 'asked';

-- The order stays where it stands when another dealer takes it over: it keeps its place.
INSERT INTO order_edges (flow, from_state, event, to_state) VALUES
  ('new', 'accepted', 'pass_on', 'accepted'),
  ('new', 'ordered',  'pass_on', 'ordered'),
  ('new', 'built',    'pass_on', 'built');

-- What dealers owe one another because of it, in the ledger.
ALTER TABLE ledger_postings DROP CONSTRAINT ledger_postings_kind_check;
ALTER TABLE ledger_postings ADD CONSTRAINT ledger_postings_kind_check CHECK (kind IN ('authorise', 'release', 'capture', 'refund', 'refund_failed',
  'desk', 'desk_return', 'transfer', 'transfer_return', 'dispute', 'dispute_won', 'dispute_lost', 'fee',
  'handover', 'restate', 'credit', 'value_loss', 'interest', 'claim', 'dealer_change')) NOT VALID;

-- The day before which the buyer cannot come to fetch the car; a wish, no booking.
ALTER TABLE orders ADD COLUMN wish_day date;

-- +goose Down
ALTER TABLE orders DROP COLUMN wish_day;
-- Postings are append-only: those of a change of dealer stay, and only new ones are refused.
ALTER TABLE ledger_postings DROP CONSTRAINT ledger_postings_kind_check;
ALTER TABLE ledger_postings ADD CONSTRAINT ledger_postings_kind_check CHECK (kind IN ('authorise', 'release', 'capture', 'refund', 'refund_failed',
  'desk', 'desk_return', 'transfer', 'transfer_return', 'dispute', 'dispute_won', 'dispute_lost', 'fee',
  'handover', 'restate', 'credit', 'value_loss', 'interest', 'claim')) NOT VALID;
DELETE FROM order_edges WHERE flow = 'new' AND event = 'pass_on';
DROP TABLE order_requests;
