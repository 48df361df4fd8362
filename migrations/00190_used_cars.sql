-- +goose Up
SET lock_timeout = '10s';

-- Words that buyers type are matched without accents and in spite of a slip. Both are trusted extensions.
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE EXTENSION IF NOT EXISTS unaccent;

-- One row is one car that a dealer offered once. A car that is offered again later has a new row: its history is that of
-- its VIN. Amounts are minor units with VAT where VAT is shown, distances kilometres.
CREATE TABLE used_cars (
  id            text PRIMARY KEY CHECK (id ~ '^U-[2-9A-HJ-NPR-Z]{6}$'),
  brand         text NOT NULL REFERENCES brands,
  market        text NOT NULL REFERENCES markets,
  dealer        text NOT NULL,
  vin           text NOT NULL CHECK (vin ~ '^[A-HJ-NPR-Z0-9]{17}$'),
  plate         text NOT NULL DEFAULT '',
  make          text NOT NULL CHECK (length(make) BETWEEN 1 AND 40),
  model         text NOT NULL CHECK (length(model) BETWEEN 1 AND 60),
  version       text NOT NULL CHECK (length(version) <= 80),
  engine        text NOT NULL CHECK (length(engine) <= 80),
  body          text NOT NULL,
  fuel          text NOT NULL,
  gearbox       text NOT NULL,
  colour        text NOT NULL,
  doors         smallint NOT NULL CHECK (doors BETWEEN 2 AND 7),
  seats         smallint NOT NULL CHECK (seats BETWEEN 1 AND 9),
  kw            smallint NOT NULL CHECK (kw BETWEEN 1 AND 1500),
  co2           smallint NOT NULL CHECK (co2 BETWEEN 0 AND 900),
  emission      text NOT NULL,
  registered_on date NOT NULL,
  km            integer NOT NULL CHECK (km BETWEEN 0 AND 2000000),
  owners        smallint NOT NULL CHECK (owners BETWEEN 0 AND 30),
  equipment     text[] NOT NULL DEFAULT '{}',
  look          jsonb NOT NULL, -- what its drawing depends on
  text_id       integer NOT NULL, -- the words under which it is found
  price_minor   bigint NOT NULL CHECK (price_minor BETWEEN 10000 AND 100000000),
  prior_minor   bigint CHECK (prior_minor > price_minor), -- the lowest price of the 30 days before the last cut, when that is higher
  currency      text NOT NULL,
  vat           text NOT NULL CHECK (vat IN ('margin', 'qualifying')),
  bought_minor  bigint CHECK (bought_minor > 0), -- what the dealer gave for it: the other half of the margin
  battery_pct   smallint CHECK (battery_pct BETWEEN 1 AND 100),
  battery_how   text NOT NULL DEFAULT '',
  battery_on    date,
  state         text NOT NULL CHECK (state IN ('draft', 'listed', 'held', 'sold', 'gone', 'returned', 'withdrawn')),
  order_ref     uuid REFERENCES orders,
  listed_at     timestamptz,
  created_at    timestamptz NOT NULL,
  updated_at    timestamptz NOT NULL,
  -- The transaction that changed the row last: instances read what is newer than what they have seen, see note_used_car.
  changed       xid8 NOT NULL DEFAULT pg_current_xact_id(),
  UNIQUE (id, market),
  FOREIGN KEY (dealer, market) REFERENCES dealers (code, market),
  CONSTRAINT used_cars_sold CHECK ((state IN ('sold', 'gone', 'returned')) = (order_ref IS NOT NULL)),
  CONSTRAINT used_cars_battery CHECK ((battery_pct IS NULL) = (battery_on IS NULL)),
  CONSTRAINT used_cars_listed CHECK (state = 'draft' OR state = 'withdrawn' OR listed_at IS NOT NULL)
);
-- One car is for sale once, whoever offers it.
CREATE UNIQUE INDEX used_cars_live_vin ON used_cars (vin) WHERE state IN ('draft', 'listed', 'held', 'sold');
CREATE UNIQUE INDEX used_cars_order ON used_cars (order_ref) WHERE order_ref IS NOT NULL;
CREATE INDEX used_cars_vin ON used_cars (vin);
CREATE INDEX used_cars_dealer ON used_cars (dealer, state);
CREATE INDEX used_cars_changed ON used_cars (changed);
CREATE INDEX used_cars_market ON used_cars (market) WHERE state IN ('listed', 'held');
CREATE INDEX used_cars_text ON used_cars (text_id);

-- +goose StatementBegin
CREATE FUNCTION note_used_car() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.changed := pg_current_xact_id();
  RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER used_cars_noted BEFORE UPDATE ON used_cars FOR EACH ROW EXECUTE FUNCTION note_used_car();

-- Every step of a car, and every price and mileage it ever had.
CREATE TABLE used_moves (
  car        text NOT NULL REFERENCES used_cars,
  seq        integer NOT NULL CHECK (seq > 0),
  from_state text NOT NULL,
  to_state   text NOT NULL,
  actor      text NOT NULL,
  why        text NOT NULL,
  order_ref  uuid REFERENCES orders,
  at         timestamptz NOT NULL,
  PRIMARY KEY (car, seq)
);
CREATE TRIGGER used_moves_append_only BEFORE UPDATE OR DELETE ON used_moves FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TABLE used_prices (
  car         text NOT NULL REFERENCES used_cars,
  at          timestamptz NOT NULL,
  price_minor bigint NOT NULL CHECK (price_minor > 0),
  actor       text NOT NULL,
  PRIMARY KEY (car, at)
);
CREATE TRIGGER used_prices_append_only BEFORE UPDATE OR DELETE ON used_prices FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TABLE used_mileages (
  vin    text NOT NULL,
  read_on date NOT NULL,
  km     integer NOT NULL CHECK (km >= 0),
  source text NOT NULL,
  at     timestamptz NOT NULL,
  PRIMARY KEY (vin, read_on, source, km)
);
CREATE TRIGGER used_mileages_append_only BEFORE UPDATE OR DELETE ON used_mileages FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- What is worn or broken, as the inspection found it: a panel, a kind, its size in millimetres, the inspector's words.
CREATE TABLE used_faults (
  car   text NOT NULL REFERENCES used_cars,
  seq   smallint NOT NULL CHECK (seq BETWEEN 1 AND 99),
  panel text NOT NULL,
  kind  text NOT NULL,
  mm    integer NOT NULL CHECK (mm BETWEEN 0 AND 5000),
  words text NOT NULL CHECK (length(words) <= 300),
  PRIMARY KEY (car, seq)
);

-- Who has a car and who waits for it. The line of a car is its rows by place; exactly one may have the car.
CREATE TABLE used_holds (
  id         uuid PRIMARY KEY,
  car        text NOT NULL,
  brand      text NOT NULL REFERENCES brands,
  market     text NOT NULL,
  place      bigint GENERATED ALWAYS AS IDENTITY,
  token_hash bytea NOT NULL UNIQUE,
  state      text NOT NULL CHECK (state IN ('waiting', 'offered', 'holding', 'ordered', 'ended')),
  locale     text NOT NULL,
  email      text NOT NULL DEFAULT '' CHECK (length(email) <= 254), -- of who waits; emptied some days after the end
  due_at     timestamptz,
  longer     smallint NOT NULL DEFAULT 0 CHECK (longer IN (0, 1)),
  buyer      uuid REFERENCES buyers,
  order_ref  uuid UNIQUE REFERENCES orders,
  started_at timestamptz NOT NULL,
  ended_at   timestamptz,
  end_why    text CHECK (end_why IN ('bought', 'lapsed', 'left', 'released', 'unpaid', 'car_gone')),
  FOREIGN KEY (car, market) REFERENCES used_cars (id, market),
  CONSTRAINT used_holds_end CHECK ((state = 'ended') = (ended_at IS NOT NULL) AND (ended_at IS NULL) = (end_why IS NULL)),
  CONSTRAINT used_holds_due CHECK ((state IN ('offered', 'holding')) = (due_at IS NOT NULL)),
  CONSTRAINT used_holds_order CHECK (state <> 'ordered' OR order_ref IS NOT NULL)
);
CREATE UNIQUE INDEX used_holds_one ON used_holds (car) WHERE state IN ('offered', 'holding', 'ordered');
CREATE UNIQUE INDEX used_holds_waits_once ON used_holds (car, lower(email)) WHERE state = 'waiting';
CREATE INDEX used_holds_line ON used_holds (car, place) WHERE state = 'waiting';
CREATE INDEX used_holds_due_at ON used_holds (due_at) WHERE state IN ('offered', 'holding');

-- The words of cars, once for all that have the same ones, and each word once for who makes a slip.
CREATE TABLE used_texts (
  id     integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  market text NOT NULL REFERENCES markets,
  words  text NOT NULL,
  found  tsvector NOT NULL,
  UNIQUE (market, words)
);
CREATE INDEX used_texts_found ON used_texts USING gin (found);
ALTER TABLE used_cars ADD CONSTRAINT used_cars_text_id FOREIGN KEY (text_id) REFERENCES used_texts;
CREATE TABLE used_words (
  market text NOT NULL REFERENCES markets,
  word   text NOT NULL,
  PRIMARY KEY (market, word)
);

-- The flow: its states and steps are those of its machine; a test compares them.
INSERT INTO order_states (flow, state, kind)
  SELECT 'used', state, kind FROM order_states WHERE flow = 'new' AND state IN ('checkout', 'offered', 'choosing', 'accepted', 'in_transit', 'arrived',
    'prepared', 'ready', 'handed_over', 'returning', 'returned', 'cancelled', 'lapsed');
INSERT INTO order_edges (flow, from_state, event, to_state)
  SELECT 'used', from_state, event, to_state FROM order_edges WHERE flow = 'new' AND from_state NOT IN ('ordered', 'built') AND to_state NOT IN ('ordered', 'built')
    AND event NOT IN ('change', 'pass_on', 'correct_car', 'dispatch');

-- Goods that may be sold again after a handover: of the orders of one VIN only those count that are not over.
ALTER TABLE flows ADD COLUMN resold boolean NOT NULL DEFAULT false;
UPDATE flows SET resold = true WHERE code = 'used';

-- A new car is sold once for good. A used car has been sold before: of its orders only those that are not over count.
DROP INDEX orders_one_live_vin;
CREATE UNIQUE INDEX orders_one_live_vin ON orders (vin) WHERE vin IS NOT NULL AND flow <> 'used' AND state NOT IN ('cancelled', 'lapsed', 'returned');
CREATE UNIQUE INDEX orders_one_live_used_vin ON orders (vin) WHERE vin IS NOT NULL AND flow = 'used' AND state NOT IN ('cancelled', 'lapsed', 'returned', 'handed_over');

-- What an odometer may show at a handover is the flow's to say: a used car has driven far.
ALTER TABLE handovers DROP CONSTRAINT handovers_odometer_km_check;
ALTER TABLE handovers ADD CONSTRAINT handovers_odometer_km_check CHECK (odometer_km BETWEEN 0 AND 2000000) NOT VALID;

-- +goose Down
ALTER TABLE handovers DROP CONSTRAINT handovers_odometer_km_check;
ALTER TABLE handovers ADD CONSTRAINT handovers_odometer_km_check CHECK (odometer_km BETWEEN 0 AND 2000) NOT VALID;
DROP INDEX orders_one_live_used_vin, orders_one_live_vin;
CREATE UNIQUE INDEX orders_one_live_vin ON orders (vin) WHERE vin IS NOT NULL AND state NOT IN ('cancelled', 'lapsed', 'returned');
DELETE FROM order_edges WHERE flow = 'used';
DELETE FROM order_states WHERE flow = 'used';
DROP TABLE used_holds, used_faults, used_mileages, used_prices, used_moves, used_cars, used_texts, used_words;
DROP FUNCTION note_used_car;
ALTER TABLE flows DROP COLUMN resold;
DROP EXTENSION unaccent;
DROP EXTENSION pg_trgm;
