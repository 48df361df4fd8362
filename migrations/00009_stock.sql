-- +goose Up
SET lock_timeout = '10s';

-- New cars that exist or are being built and are nobody's yet. Each is one row for its whole life.
CREATE TABLE stock_cars (
  id         text PRIMARY KEY CHECK (id ~ '^P-[2-9A-HJ-NPR-Z]{6}$'),
  brand      text NOT NULL REFERENCES brands,
  market     text NOT NULL,
  model      text NOT NULL,
  dealer     text NOT NULL,              -- where it stands or will arrive
  vin        text UNIQUE CHECK (vin ~ '^[A-HJ-NPR-Z0-9]{17}$'),
  selection  text NOT NULL CHECK (selection <> ''), -- the whole car, as in URLs
  stage      text NOT NULL CHECK (stage IN ('ground', 'transit', 'build')),
  ready_on   date NOT NULL,              -- first day on which it can be handed over at that dealer
  state      text NOT NULL DEFAULT 'free' CHECK (state IN ('free', 'held', 'gone')),
  order_ref  uuid UNIQUE,                -- an order has at most one car
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  UNIQUE (id, market),
  FOREIGN KEY (dealer, market) REFERENCES dealers (code, market),
  FOREIGN KEY (order_ref, market) REFERENCES orders (id, market),
  CONSTRAINT stock_order CHECK ((state = 'free') = (order_ref IS NULL)),
  CONSTRAINT stock_vin_known CHECK (stage = 'build' OR vin IS NOT NULL)
);
-- What a buyer may be shown of one model.
CREATE INDEX stock_free ON stock_cars (brand, market, model, ready_on) WHERE state = 'free';

-- The car a buyer wants, while it is a wish: only an order holds one. Old code leaves it null.
ALTER TABLE drafts ADD COLUMN stock_car text;
ALTER TABLE drafts ADD CONSTRAINT drafts_stock_car FOREIGN KEY (stock_car, market) REFERENCES stock_cars (id, market);

-- A car that is built already skips the factory.
INSERT INTO order_edges (flow, from_state, event, to_state) VALUES
  ('new', 'accepted', 'fetch', 'in_transit'),
  ('new', 'accepted', 'stand', 'arrived');

-- +goose Down
DELETE FROM order_edges WHERE flow = 'new' AND event IN ('fetch', 'stand');
ALTER TABLE drafts DROP CONSTRAINT drafts_stock_car, DROP COLUMN stock_car;
DROP TABLE stock_cars;
