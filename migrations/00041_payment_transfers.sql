-- +goose Up
SET lock_timeout = '10s';

-- Money that came by bank transfer, one row for a line of a statement. A line is known by its key, so that a
-- statement imported twice changes nothing. What no order is known for waits here until a person says whose
-- it is or sends it back: it is never lost. The payer is personal data and goes with the statement's age.
CREATE TABLE transfers (
  id           uuid PRIMARY KEY,
  market       text NOT NULL REFERENCES markets,
  line_key     text NOT NULL,
  booked_on    date NOT NULL,
  currency     text NOT NULL,
  amount_minor bigint NOT NULL CHECK (amount_minor > 0),
  reference    text NOT NULL,
  payer        text NOT NULL,
  state        text NOT NULL CHECK (state IN ('waiting', 'assigned', 'returning', 'returned')),
  reason       text NOT NULL CHECK (reason IN ('', 'unknown', 'ambiguous', 'too_large', 'closed', 'rest', 'person')), -- why it waits or goes back
  order_id     uuid,
  payment_id   uuid UNIQUE,
  part_of      uuid REFERENCES transfers,  -- the rest of one that was larger than what was owed
  imported_by  text NOT NULL,
  imported_at  timestamptz NOT NULL,
  changed_by   text NOT NULL,
  changed_at   timestamptz NOT NULL,
  UNIQUE (market, line_key),
  FOREIGN KEY (payment_id, order_id) REFERENCES payments (id, order_id),
  CONSTRAINT transfers_assigned CHECK ((state = 'assigned') = (payment_id IS NOT NULL AND order_id IS NOT NULL))
);
CREATE INDEX transfers_open ON transfers (market, imported_at) WHERE state IN ('waiting', 'returning');

-- +goose Down
DROP TABLE transfers;
