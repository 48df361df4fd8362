-- +goose Up
SET lock_timeout = '10s';

-- What a buyer's own car is worth in part exchange, as it was offered: binding until valid_until within the tolerances that the
-- page named. Amounts are minor units, distances kilometres. answers is what its owner said, car what the provider knew.
CREATE TABLE exchange_offers (
  id           uuid PRIMARY KEY,
  brand        text NOT NULL REFERENCES brands, -- of the shop in which it was made; it counts in the whole market
  market       text NOT NULL REFERENCES markets,
  token_hash   bytea NOT NULL UNIQUE,
  state        text NOT NULL CHECK (state IN ('open', 'taken', 'over')),
  locale       text NOT NULL,
  email        text NOT NULL DEFAULT '' CHECK (length(email) <= 254), -- emptied some days after the end
  plate        text NOT NULL CHECK (length(plate) BETWEEN 2 AND 16),
  km           integer NOT NULL CHECK (km BETWEEN 0 AND 2000000),
  answers      jsonb NOT NULL,
  car          jsonb NOT NULL,
  currency     text NOT NULL,
  value_minor  bigint NOT NULL CHECK (value_minor > 0),
  tolerance_km integer NOT NULL CHECK (tolerance_km >= 0),
  provider     text NOT NULL,
  valid_until  timestamptz NOT NULL,
  order_ref    uuid REFERENCES orders,
  created_at   timestamptz NOT NULL,
  CONSTRAINT exchange_offers_taken CHECK ((state = 'taken') = (order_ref IS NOT NULL))
);
CREATE INDEX exchange_offers_due ON exchange_offers (valid_until) WHERE state = 'open';
CREATE INDEX exchange_offers_words ON exchange_offers (valid_until) WHERE state = 'over' AND email <> '';
CREATE UNIQUE INDEX exchange_offers_order ON exchange_offers (order_ref) WHERE order_ref IS NOT NULL;

-- The same car as part of an order: it takes the agreed value off what is left to pay, and becomes a payment in kind when the
-- dealer has it. asked is another value that waits for the buyer's word.
CREATE TABLE order_exchanges (
  order_id     uuid PRIMARY KEY,
  market       text NOT NULL,
  currency     text NOT NULL,
  offer        uuid NOT NULL REFERENCES exchange_offers,
  car          text NOT NULL, -- as people say it: "Renault Clio"
  plate        text NOT NULL,
  km           integer NOT NULL,
  tolerance_km integer NOT NULL,
  value_minor  bigint NOT NULL CHECK (value_minor > 0),
  state        text NOT NULL CHECK (state IN ('agreed', 'asked', 'given', 'off')),
  vin          text,
  given_km     integer CHECK (given_km BETWEEN 0 AND 2000000),
  created_at   timestamptz NOT NULL,
  ended_at     timestamptz,
  FOREIGN KEY (order_id, market) REFERENCES orders (id, market),
  FOREIGN KEY (order_id, currency) REFERENCES orders (id, currency),
  CONSTRAINT order_exchanges_end CHECK ((state IN ('given', 'off')) = (ended_at IS NOT NULL)),
  CONSTRAINT order_exchanges_given CHECK (state <> 'given' OR (vin IS NOT NULL AND given_km IS NOT NULL))
);

-- Every other value that a dealer asked for, on which ground, and what the buyer said. Kept as evidence.
CREATE TABLE exchange_changes (
  order_id    uuid NOT NULL REFERENCES order_exchanges,
  seq         integer NOT NULL CHECK (seq > 0),
  ground      text NOT NULL CHECK (ground IN ('mileage', 'condition', 'papers')),
  was_minor   bigint NOT NULL,
  now_minor   bigint NOT NULL CHECK (now_minor >= 0 AND now_minor < was_minor),
  note        text NOT NULL CHECK (length(note) BETWEEN 1 AND 500),
  by_user     uuid NOT NULL REFERENCES users,
  at          timestamptz NOT NULL,
  answer      text CHECK (answer IN ('yes', 'no')),
  answered_at timestamptz,
  PRIMARY KEY (order_id, seq),
  CONSTRAINT exchange_changes_answered CHECK ((answer IS NULL) = (answered_at IS NULL))
);
CREATE UNIQUE INDEX exchange_changes_open ON exchange_changes (order_id) WHERE answer IS NULL;

-- The car that a dealer took in is a payment at its desk, in kind.
ALTER TABLE payments DROP CONSTRAINT payments_means_check;
ALTER TABLE payments ADD CONSTRAINT payments_means_check CHECK (means IN ('card', 'transfer', 'desk_card', 'desk_cash', 'desk_transfer', 'desk_finance', 'desk_exchange')) NOT VALID;

-- +goose Down
ALTER TABLE payments DROP CONSTRAINT payments_means_check;
ALTER TABLE payments ADD CONSTRAINT payments_means_check CHECK (means IN ('card', 'transfer', 'desk_card', 'desk_cash', 'desk_transfer', 'desk_finance')) NOT VALID;
DROP TABLE exchange_changes, order_exchanges, exchange_offers;
