-- +goose Up
SET lock_timeout = '10s';

-- After the handover a buyer may withdraw; the dealer takes the car back.
INSERT INTO order_edges (flow, from_state, event, to_state) VALUES
  ('new', 'handed_over', 'withdraw',  'returning'),
  ('new', 'returning',   'take_back', 'returned');

ALTER TABLE orders DROP CONSTRAINT orders_state, DROP CONSTRAINT orders_vin_known, DROP CONSTRAINT orders_handed;
ALTER TABLE orders
  ADD CONSTRAINT orders_state CHECK (state IN ('checkout', 'offered', 'choosing', 'accepted', 'ordered', 'built',
    'in_transit', 'arrived', 'prepared', 'ready', 'handed_over', 'returning', 'returned', 'cancelled', 'lapsed')),
  ADD CONSTRAINT orders_vin_known CHECK (vin IS NOT NULL OR state NOT IN ('in_transit', 'arrived', 'prepared', 'ready', 'handed_over', 'returning', 'returned')),
  ADD CONSTRAINT orders_handed CHECK ((state IN ('handed_over', 'returning', 'returned')) = (handed_over_at IS NOT NULL));

-- A car that came back may be in another order later; one on its way back may not.
DROP INDEX orders_one_live_vin;
CREATE UNIQUE INDEX orders_one_live_vin ON orders (vin) WHERE vin IS NOT NULL AND state NOT IN ('cancelled', 'lapsed', 'returned');
-- A pickup code is free again with the handover, whatever comes after it.
DROP INDEX orders_pickup;
CREATE UNIQUE INDEX orders_pickup ON orders (dealer, pickup_code) WHERE state NOT IN ('handed_over', 'returning', 'returned', 'cancelled', 'lapsed');

-- What of a payment stays with the seller when the rest goes back. Old code leaves it at nothing.
ALTER TABLE payments ADD COLUMN kept_minor bigint NOT NULL DEFAULT 0;
ALTER TABLE payments ADD CONSTRAINT payments_kept CHECK (kept_minor >= 0 AND kept_minor < amount_minor);

-- A car that came back was registered: nobody sells it as new again by itself.
ALTER TABLE stock_cars DROP CONSTRAINT stock_cars_state_check;
ALTER TABLE stock_cars ADD CONSTRAINT stock_cars_state_check CHECK (state IN ('free', 'held', 'gone', 'returned'));

-- How a buyer left an order that money was paid for, and by when the money is back. One row per order.
CREATE TABLE leavings (
  order_id         uuid PRIMARY KEY,
  market           text NOT NULL,
  currency         text NOT NULL,
  way              text NOT NULL CHECK (way IN ('cancel', 'withdrawal')),
  told_at          timestamptz NOT NULL,
  bring_by         date,                        -- last day to bring the car back
  back_at          timestamptz,                 -- the dealer has it
  back_by          text NOT NULL DEFAULT '',    -- user id
  odometer_km      integer CHECK (odometer_km BETWEEN 0 AND 1000000),
  driven_km        integer CHECK (driven_km >= 0),
  damage_minor     bigint NOT NULL DEFAULT 0 CHECK (damage_minor >= 0),
  damage_note      text NOT NULL DEFAULT '' CHECK (length(damage_note) <= 500),
  use_minor        bigint NOT NULL DEFAULT 0 CHECK (use_minor >= 0),
  kept_minor       bigint NOT NULL DEFAULT 0 CHECK (kept_minor >= 0),
  owed_minor       bigint NOT NULL DEFAULT 0 CHECK (owed_minor >= 0), -- of what was taken, what goes back
  due_on           date,                        -- last day for it; null while that is not known
  alarm_on         date,                        -- from then on its seller and the country are told
  alarmed_at       timestamptz,
  settled_at       timestamptz,                 -- all of it is back
  interest_minor   bigint NOT NULL DEFAULT 0 CHECK (interest_minor >= 0), -- added by law because it came late
  interest_paid_at timestamptz,
  FOREIGN KEY (order_id, market) REFERENCES orders (id, market),
  FOREIGN KEY (order_id, currency) REFERENCES orders (id, currency),
  CONSTRAINT leavings_bring CHECK ((way = 'withdrawal') = (bring_by IS NOT NULL)),
  CONSTRAINT leavings_back CHECK ((back_at IS NULL) = (odometer_km IS NULL)),
  CONSTRAINT leavings_settled CHECK (settled_at IS NULL OR way = 'cancel' OR back_at IS NOT NULL),
  CONSTRAINT leavings_interest CHECK (interest_paid_at IS NULL OR interest_minor > 0)
);
-- What the guard looks at: sums that are owed and not back.
CREATE INDEX leavings_alarm ON leavings (alarm_on) WHERE settled_at IS NULL;

-- +goose Down
DROP TABLE leavings;
ALTER TABLE stock_cars DROP CONSTRAINT stock_cars_state_check;
ALTER TABLE stock_cars ADD CONSTRAINT stock_cars_state_check CHECK (state IN ('free', 'held', 'gone'));
ALTER TABLE payments DROP COLUMN kept_minor;
DROP INDEX orders_pickup, orders_one_live_vin;
CREATE UNIQUE INDEX orders_one_live_vin ON orders (vin) WHERE vin IS NOT NULL AND state NOT IN ('cancelled', 'lapsed');
CREATE UNIQUE INDEX orders_pickup ON orders (dealer, pickup_code) WHERE state NOT IN ('handed_over', 'cancelled', 'lapsed');
ALTER TABLE orders DROP CONSTRAINT orders_state, DROP CONSTRAINT orders_vin_known, DROP CONSTRAINT orders_handed;
ALTER TABLE orders
  ADD CONSTRAINT orders_state CHECK (state IN ('checkout', 'offered', 'choosing', 'accepted', 'ordered', 'built',
    'in_transit', 'arrived', 'prepared', 'ready', 'handed_over', 'cancelled', 'lapsed')),
  ADD CONSTRAINT orders_vin_known CHECK (vin IS NOT NULL OR state NOT IN ('in_transit', 'arrived', 'prepared', 'ready', 'handed_over')),
  ADD CONSTRAINT orders_handed CHECK ((state = 'handed_over') = (handed_over_at IS NOT NULL));
DELETE FROM order_edges WHERE flow = 'new' AND event IN ('withdraw', 'take_back');
