-- +goose Up
SET lock_timeout = '10s';

-- A car that nobody has bought stays with its dealer for so many days (a dated rule of the market), is then in the
-- market's pool, and goes from there to a buyer who waits for such a car, else to a dealer who asked for it.
ALTER TABLE stock_cars
  ADD COLUMN kept_since timestamptz NOT NULL DEFAULT current_timestamp, -- with this dealer, or free again
  ADD COLUMN warned_at  timestamptz, -- the dealer was told that its time is nearly over
  ADD COLUMN pooled_at  timestamptz; -- no dealer's any more
UPDATE stock_cars SET kept_since = created_at;
ALTER TABLE stock_cars ADD CONSTRAINT stock_pooled CHECK (pooled_at IS NULL OR state = 'free' AND warned_at IS NOT NULL);
CREATE INDEX stock_kept ON stock_cars (market, kept_since) WHERE state = 'free' AND pooled_at IS NULL;
CREATE INDEX stock_pool ON stock_cars (market, pooled_at) WHERE pooled_at IS NOT NULL;

-- Old code holds cars without knowing of the pool: whatever takes a car takes it out of the pool, and a car that
-- is let go begins anew with its dealer.
-- +goose StatementBegin
CREATE FUNCTION stock_leaves_pool() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.state <> OLD.state THEN
    NEW.pooled_at := NULL; NEW.warned_at := NULL; NEW.kept_since := NEW.updated_at;
  END IF;
  RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER stock_leaves_pool BEFORE UPDATE OF state ON stock_cars FOR EACH ROW EXECUTE FUNCTION stock_leaves_pool();

-- What became of a car, by which rule, with which figures. Order ids and codes only.
CREATE TABLE stock_moves (
  car         text NOT NULL,
  market      text NOT NULL,
  seq         integer NOT NULL CHECK (seq > 0),
  what        text NOT NULL CHECK (what IN ('warned', 'pooled', 'to_order', 'to_stock')),
  from_dealer text NOT NULL,
  to_dealer   text NOT NULL,
  order_ref   uuid REFERENCES orders,
  rule        text NOT NULL,
  why         jsonb NOT NULL,
  at          timestamptz NOT NULL,
  PRIMARY KEY (car, seq),
  FOREIGN KEY (car, market) REFERENCES stock_cars (id, market),
  CONSTRAINT stock_moves_order CHECK ((what = 'to_order') = (order_ref IS NOT NULL))
);
CREATE INDEX stock_moves_market ON stock_moves (market, at DESC);
CREATE INDEX stock_moves_order_ref ON stock_moves (order_ref) WHERE order_ref IS NOT NULL;
CREATE TRIGGER stock_moves_append_only BEFORE UPDATE OR DELETE ON stock_moves FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- A dealer asks for a car of the pool for its own stock: served when no buyer waits for such a car.
CREATE TABLE stock_wishes (
  id       uuid PRIMARY KEY,
  car      text NOT NULL,
  market   text NOT NULL,
  dealer   text NOT NULL,
  asked_by text NOT NULL,
  asked_at timestamptz NOT NULL,
  ended_at timestamptz,
  end_why  text CHECK (end_why IN ('granted', 'gone', 'dropped')),
  FOREIGN KEY (car, market) REFERENCES stock_cars (id, market),
  FOREIGN KEY (dealer, market) REFERENCES dealers (code, market),
  CONSTRAINT stock_wishes_end CHECK ((ended_at IS NULL) = (end_why IS NULL))
);
CREATE UNIQUE INDEX stock_wishes_open ON stock_wishes (car, dealer) WHERE ended_at IS NULL;

-- +goose Down
DROP TABLE stock_wishes, stock_moves;
DROP TRIGGER stock_leaves_pool ON stock_cars;
DROP FUNCTION stock_leaves_pool;
ALTER TABLE stock_cars DROP COLUMN kept_since, DROP COLUMN warned_at, DROP COLUMN pooled_at;
