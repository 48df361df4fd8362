-- +goose Up
SET lock_timeout = '10s';

-- A used car that its buyer fetches at another site than the one that sells it: a task of the seller's site until the car is
-- sent, and of the receiving site until it is there. Instants are deadlines on the domain clock; rung counts who was told
-- that one passed: first the site, a day later the market's office.
CREATE TABLE used_transfers (
  order_ref   uuid PRIMARY KEY,
  number      text NOT NULL, -- of the order, as people know it
  car         text NOT NULL,
  brand       text NOT NULL REFERENCES brands,
  market      text NOT NULL,
  from_dealer text NOT NULL, -- sells, and sends
  to_dealer   text NOT NULL, -- receives, and hands over for the seller
  state       text NOT NULL CHECK (state IN ('to_send', 'on_way', 'there', 'done', 'back', 'off')),
  send_by     timestamptz NOT NULL,
  due_at      timestamptz NOT NULL, -- the car is to be there
  sent_at     timestamptz,
  there_at    timestamptz,
  ended_at    timestamptz,
  rung        smallint NOT NULL DEFAULT 0 CHECK (rung BETWEEN 0 AND 2),
  rung_due    timestamptz, -- when the next one is told
  created_at  timestamptz NOT NULL,
  FOREIGN KEY (order_ref, market) REFERENCES orders (id, market),
  FOREIGN KEY (car, market) REFERENCES used_cars (id, market),
  FOREIGN KEY (from_dealer, market) REFERENCES dealers (code, market),
  FOREIGN KEY (to_dealer, market) REFERENCES dealers (code, market),
  CONSTRAINT used_transfers_apart CHECK (from_dealer <> to_dealer),
  CONSTRAINT used_transfers_way CHECK (send_by <= due_at AND (state NOT IN ('on_way', 'there', 'done', 'back') OR sent_at IS NOT NULL) AND (state NOT IN ('there', 'done') OR there_at IS NOT NULL)),
  CONSTRAINT used_transfers_end CHECK ((state IN ('done', 'off')) = (ended_at IS NOT NULL)),
  CONSTRAINT used_transfers_rung CHECK (rung_due IS NULL OR state IN ('to_send', 'on_way'))
);
CREATE INDEX used_transfers_from ON used_transfers (from_dealer) WHERE ended_at IS NULL;
CREATE INDEX used_transfers_to ON used_transfers (to_dealer) WHERE ended_at IS NULL;
CREATE INDEX used_transfers_due ON used_transfers (rung_due) WHERE rung_due IS NOT NULL;
CREATE INDEX used_transfers_car ON used_transfers (car);

-- +goose Down
DROP TABLE used_transfers;
