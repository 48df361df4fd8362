-- +goose Up
SET lock_timeout = '10s';

CREATE TABLE queue_entries (
  id          uuid PRIMARY KEY,
  order_id    uuid NOT NULL,
  brand       text NOT NULL,
  market      text NOT NULL,
  flow        text NOT NULL,
  dealer      text NOT NULL,
  round       integer NOT NULL CHECK (round > 0),
  state       text NOT NULL CHECK (state IN ('offered', 'accepted', 'declined', 'expired', 'withdrawn', 'done')),
  offered_at  timestamptz NOT NULL,
  due_at      timestamptz, -- end of the dealer's time to answer
  answered_at timestamptz,
  answered_by text NOT NULL DEFAULT '',
  reason      text NOT NULL DEFAULT '',
  UNIQUE (order_id, round),
  FOREIGN KEY (order_id, market) REFERENCES orders (id, market),
  FOREIGN KEY (dealer, market) REFERENCES dealers (code, market),
  CONSTRAINT queue_due CHECK ((state = 'offered') <= (due_at IS NOT NULL)),
  CONSTRAINT queue_answered CHECK ((state = 'offered') = (answered_at IS NULL))
);
-- An order is in at most one dealer's queue.
CREATE UNIQUE INDEX queue_one_live ON queue_entries (order_id) WHERE state IN ('offered', 'accepted');
CREATE INDEX queue_dealer ON queue_entries (dealer, flow, state);
CREATE INDEX queue_due ON queue_entries (due_at) WHERE state = 'offered';

-- Handover slots that are taken: one row per dealer, start and bay, so that none is booked twice.
CREATE TABLE appointments (
  id         uuid PRIMARY KEY,
  order_id   uuid NOT NULL,
  market     text NOT NULL,
  dealer     text NOT NULL,
  starts_at  timestamptz NOT NULL,
  ends_at    timestamptz NOT NULL,
  bay        smallint NOT NULL CHECK (bay BETWEEN 1 AND 20),
  state      text NOT NULL CHECK (state IN ('booked', 'released', 'done')),
  created_at timestamptz NOT NULL,
  FOREIGN KEY (order_id, market) REFERENCES orders (id, market),
  FOREIGN KEY (dealer, market) REFERENCES dealers (code, market),
  CHECK (ends_at > starts_at)
);
CREATE UNIQUE INDEX appointments_one_per_bay ON appointments (dealer, starts_at, bay) WHERE state <> 'released';
CREATE UNIQUE INDEX appointments_one_per_order ON appointments (order_id) WHERE state <> 'released';

-- What was checked at the handover, and by whom: ids and ticks, no copies of papers.
CREATE TABLE handovers (
  order_id    uuid PRIMARY KEY REFERENCES orders,
  at          timestamptz NOT NULL,
  by_user     text NOT NULL,
  checks      text[] NOT NULL,
  odometer_km integer NOT NULL CHECK (odometer_km BETWEEN 0 AND 2000)
);

-- +goose Down
DROP TABLE handovers, appointments, queue_entries;
