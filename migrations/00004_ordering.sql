-- +goose Up
SET lock_timeout = '10s';

-- Personal data of a buyer lives here and nowhere else, so that erasure is one row.
CREATE TABLE buyers (
  id         uuid PRIMARY KEY,
  market     text NOT NULL REFERENCES markets,
  name       text NOT NULL CHECK (length(name) BETWEEN 1 AND 120),
  email      text NOT NULL CHECK (length(email) <= 254),
  phone      text NOT NULL, -- E.164
  street     text NOT NULL,
  town       text NOT NULL,
  postcode   text NOT NULL,
  created_at timestamptz NOT NULL,
  UNIQUE (id, market)
);

-- A saved build: what was chosen and the price it had, by a short code without its dash.
CREATE TABLE configurations (
  code       text PRIMARY KEY CHECK (code ~ '^[2-9A-HJ-NP-Z]{8}$'),
  brand      text NOT NULL REFERENCES brands,
  market     text NOT NULL REFERENCES markets,
  model      text NOT NULL,
  selection  text NOT NULL,
  quote      jsonb NOT NULL,
  digest     text NOT NULL UNIQUE, -- same build at the same price: same code
  created_at timestamptz NOT NULL
);

-- A purchase before it is an order: reached by a secret link, so that a guest needs no session.
CREATE TABLE drafts (
  id            uuid PRIMARY KEY,
  token_hash    bytea NOT NULL UNIQUE,
  brand         text NOT NULL REFERENCES brands,
  market        text NOT NULL REFERENCES markets,
  flow          text NOT NULL,
  configuration text NOT NULL REFERENCES configurations (code),
  dealer        text NOT NULL,
  fallbacks     text[] NOT NULL DEFAULT '{}', -- in the buyer's order, by consent
  buyer         uuid,
  order_id      uuid,
  created_at    timestamptz NOT NULL,
  updated_at    timestamptz NOT NULL,
  FOREIGN KEY (dealer, market) REFERENCES dealers (code, market),
  FOREIGN KEY (buyer, market) REFERENCES buyers (id, market)
);
CREATE INDEX drafts_age ON drafts (updated_at);

-- The states and the edges between them, as data: the table in ordering/state.go is the same, a
-- test compares them, and the foreign key of the history makes any other step impossible.
CREATE TABLE order_edges (
  flow       text NOT NULL,
  from_state text NOT NULL,
  event      text NOT NULL,
  to_state   text NOT NULL,
  PRIMARY KEY (flow, from_state, event, to_state)
);
INSERT INTO order_edges (flow, from_state, event, to_state) VALUES
  ('new', '',           'begin',     'checkout'),
  ('new', 'checkout',   'authorise', 'offered'),
  ('new', 'checkout',   'lapse',     'lapsed'),
  ('new', 'checkout',   'cancel',    'cancelled'),
  ('new', 'offered',    'reoffer',   'offered'),
  ('new', 'offered',    'accept',    'accepted'),
  ('new', 'offered',    'exhaust',   'choosing'),
  ('new', 'offered',    'cancel',    'cancelled'),
  ('new', 'choosing',   'choose',    'offered'),
  ('new', 'choosing',   'cancel',    'cancelled'),
  ('new', 'accepted',   'order',     'ordered'),
  ('new', 'accepted',   'cancel',    'cancelled'),
  ('new', 'ordered',    'build',     'built'),
  ('new', 'ordered',    'cancel',    'cancelled'),
  ('new', 'built',      'dispatch',  'in_transit'),
  ('new', 'built',      'cancel',    'cancelled'),
  ('new', 'in_transit', 'arrive',    'arrived'),
  ('new', 'in_transit', 'cancel',    'cancelled'),
  ('new', 'arrived',    'prepare',   'prepared'),
  ('new', 'arrived',    'cancel',    'cancelled'),
  ('new', 'prepared',   'release',   'ready'),
  ('new', 'prepared',   'cancel',    'cancelled'),
  ('new', 'ready',      'hand_over', 'handed_over'),
  ('new', 'ready',      'cancel',    'cancelled');

CREATE TABLE orders (
  id             uuid PRIMARY KEY,
  number         text NOT NULL UNIQUE, -- what people read: FC-7K3M-29QX
  brand          text NOT NULL REFERENCES brands,
  market         text NOT NULL,
  flow           text NOT NULL CHECK (flow IN ('new', 'used', 'service')),
  state          text NOT NULL,
  buyer          uuid NOT NULL,
  configuration  text NOT NULL REFERENCES configurations (code),
  snapshot       jsonb NOT NULL,            -- the car and every price line as they were sold
  currency       text NOT NULL,
  total_minor    bigint NOT NULL CHECK (total_minor > 0),
  deposit_minor  bigint NOT NULL CHECK (deposit_minor > 0 AND deposit_minor <= total_minor),
  terms_version  text NOT NULL,
  dealer         text NOT NULL,             -- who has it, or had it last
  vin            text CHECK (vin ~ '^[A-HJ-NPR-Z0-9]{17}$'),
  plate          text,
  pickup_code    text NOT NULL CHECK (pickup_code ~ '^[2-9A-HJ-NP-Z]{6}$'),
  checks         text[] NOT NULL DEFAULT '{}', -- preparation items done
  cancel_reason  text NOT NULL DEFAULT '',
  due_at         timestamptz,               -- next deadline of the order itself: quote end, buyer's choice
  created_at     timestamptz NOT NULL,
  updated_at     timestamptz NOT NULL,
  handed_over_at timestamptz,
  UNIQUE (id, market),
  UNIQUE (id, currency),
  FOREIGN KEY (market, currency) REFERENCES markets (code, currency),
  FOREIGN KEY (dealer, market) REFERENCES dealers (code, market),
  FOREIGN KEY (buyer, market) REFERENCES buyers (id, market),
  CONSTRAINT orders_state CHECK (state IN ('checkout', 'offered', 'choosing', 'accepted', 'ordered', 'built',
    'in_transit', 'arrived', 'prepared', 'ready', 'handed_over', 'cancelled', 'lapsed')),
  CONSTRAINT orders_vin_known CHECK (vin IS NOT NULL OR state NOT IN ('in_transit', 'arrived', 'prepared', 'ready', 'handed_over')),
  CONSTRAINT orders_handed CHECK ((state = 'handed_over') = (handed_over_at IS NOT NULL)),
  CONSTRAINT orders_due CHECK (due_at IS NOT NULL OR state NOT IN ('checkout', 'choosing'))
);
-- A car is in at most one order that is not over, and is handed over at most once.
CREATE UNIQUE INDEX orders_one_live_vin ON orders (vin) WHERE vin IS NOT NULL AND state NOT IN ('cancelled', 'lapsed');
CREATE INDEX orders_due ON orders (due_at) WHERE state IN ('checkout', 'choosing');
CREATE INDEX orders_dealer ON orders (dealer, state);
CREATE INDEX orders_day ON orders (market, brand, created_at);
CREATE UNIQUE INDEX orders_pickup ON orders (dealer, pickup_code) WHERE state NOT IN ('handed_over', 'cancelled', 'lapsed');

ALTER TABLE drafts ADD FOREIGN KEY (order_id) REFERENCES orders (id);

-- The dealers the buyer agreed to, in order. An order is never offered to any other.
CREATE TABLE order_dealers (
  order_id uuid NOT NULL,
  market   text NOT NULL,
  rank     smallint NOT NULL CHECK (rank >= 0),
  dealer   text NOT NULL,
  agreed_at timestamptz NOT NULL,
  PRIMARY KEY (order_id, rank),
  UNIQUE (order_id, dealer),
  FOREIGN KEY (order_id, market) REFERENCES orders (id, market),
  FOREIGN KEY (dealer, market) REFERENCES dealers (code, market)
);

CREATE TABLE order_history (
  order_id   uuid NOT NULL REFERENCES orders,
  seq        integer NOT NULL,
  flow       text NOT NULL,
  from_state text NOT NULL,
  event      text NOT NULL,
  to_state   text NOT NULL,
  at         timestamptz NOT NULL,
  actor      text NOT NULL, -- "buyer", "system", "staff:<user id>"
  reason     text NOT NULL DEFAULT '',
  request_id text NOT NULL DEFAULT '',
  PRIMARY KEY (order_id, seq),
  FOREIGN KEY (flow, from_state, event, to_state) REFERENCES order_edges
);
CREATE TRIGGER order_history_append_only BEFORE UPDATE OR DELETE ON order_history FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- Secret links: the token itself is never stored.
CREATE TABLE order_links (
  id         uuid PRIMARY KEY,
  order_id   uuid NOT NULL REFERENCES orders,
  token_hash bytea NOT NULL UNIQUE,
  purpose    text NOT NULL CHECK (purpose IN ('track')),
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  revoked_at timestamptz
);
CREATE INDEX order_links_order ON order_links (order_id);

-- Outgoing mail: written with the step it tells of, marked when handed to the mail server.
CREATE TABLE mails (
  order_id   uuid NOT NULL REFERENCES orders,
  template   text NOT NULL,
  seq        integer NOT NULL DEFAULT 0,
  audience   text NOT NULL CHECK (audience IN ('buyer', 'dealer')),
  link_id    uuid REFERENCES order_links,
  created_at timestamptz NOT NULL,
  sent_at    timestamptz,
  PRIMARY KEY (order_id, template, seq)
);
CREATE INDEX mails_unsent ON mails (created_at) WHERE sent_at IS NULL;

-- A closed market keeps the visitor's wish: name, address and build, for the dealer to answer.
CREATE TABLE leads (
  id         uuid PRIMARY KEY,
  brand      text NOT NULL REFERENCES brands,
  market     text NOT NULL REFERENCES markets,
  flow       text NOT NULL,
  model      text NOT NULL DEFAULT '',
  selection  text NOT NULL DEFAULT '',
  name       text NOT NULL,
  email      text NOT NULL,
  created_at timestamptz NOT NULL
);
CREATE INDEX leads_market ON leads (market, created_at);

-- +goose Down
ALTER TABLE drafts DROP CONSTRAINT drafts_order_id_fkey;
DROP TABLE leads, mails, order_links, order_history, order_dealers, orders, order_edges, drafts, configurations, buyers;
