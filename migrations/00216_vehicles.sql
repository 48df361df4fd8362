-- +goose Up
SET lock_timeout = '10s';

-- A car in use, known by its VIN: whoever sells, keeps, services or hears of it means this row.
CREATE TABLE vehicles (
  id            uuid PRIMARY KEY,
  vin           text NOT NULL UNIQUE CHECK (vin ~ '^[A-HJ-NPR-Z0-9]{17}$'),
  market        text NOT NULL REFERENCES markets, -- where it is registered
  brand         text NOT NULL REFERENCES brands,
  model         text NOT NULL CHECK (length(model) <= 60), -- its code in the range, or its name where no range has it
  title         text NOT NULL CHECK (length(title) BETWEEN 1 AND 160), -- as people call it
  fuel          text NOT NULL CHECK (fuel IN ('', 'petrol', 'diesel', 'hybrid', 'plugin', 'electric', 'lpg')),
  plate         text NOT NULL DEFAULT '' CHECK (length(plate) <= 16),
  registered_on date NOT NULL, -- first registration
  added_at      timestamptz NOT NULL
);
-- A plate may pass to another car: the one that was told last has it.
CREATE UNIQUE INDEX vehicles_plate ON vehicles (market, plate) WHERE plate <> '';

-- One person's cars in one market, opened by a secret link that only the mailbox gets.
CREATE TABLE garages (
  id         uuid PRIMARY KEY,
  market     text NOT NULL REFERENCES markets,
  email      text NOT NULL CHECK (length(email) <= 254),
  name       text NOT NULL CHECK (length(name) <= 120),
  locale     text NOT NULL DEFAULT '',
  link_no    integer NOT NULL DEFAULT 1, -- counts up when the link is replaced
  token_hash bytea NOT NULL UNIQUE,
  repairer   text, -- the dealer that its owner prefers
  created_at timestamptz NOT NULL,
  seen_at    timestamptz, -- when a car of it was last at a dealer
  erased_at  timestamptz,
  UNIQUE (id, market),
  CONSTRAINT garages_erased CHECK (erased_at IS NULL OR email = '' AND name = ''),
  FOREIGN KEY (repairer, market) REFERENCES dealers (code, market)
);
CREATE UNIQUE INDEX garages_one_a_mailbox ON garages (market, lower(email)) WHERE erased_at IS NULL;

-- Who keeps a car, from when to when. Who typed a VIN has claimed it; a handover, or a dealer who saw the papers, proves it.
CREATE TABLE vehicle_keepers (
  id         uuid PRIMARY KEY,
  vehicle_id uuid NOT NULL REFERENCES vehicles,
  garage_id  uuid NOT NULL REFERENCES garages,
  since      timestamptz NOT NULL,
  until      timestamptz CHECK (until >= since),
  proven_at  timestamptz,
  proven_by  text NOT NULL DEFAULT '' CHECK (proven_by IN ('', 'handover', 'dealer')),
  order_ref  uuid REFERENCES orders, -- the purchase by which it came
  ended_why  text NOT NULL DEFAULT '' CHECK (ended_why IN ('', 'resold', 'undone', 'taken_back', 'removed', 'erased')),
  passes_on  boolean NOT NULL DEFAULT false, -- the next keeper may read the history of this one's time
  CONSTRAINT vehicle_keepers_proof CHECK ((proven_at IS NULL) = (proven_by = '')),
  CONSTRAINT vehicle_keepers_end CHECK ((until IS NULL) = (ended_why = ''))
);
CREATE UNIQUE INDEX vehicle_keepers_one_proven ON vehicle_keepers (vehicle_id) WHERE until IS NULL AND proven_at IS NOT NULL;
CREATE UNIQUE INDEX vehicle_keepers_once ON vehicle_keepers (vehicle_id, garage_id) WHERE until IS NULL;
CREATE INDEX vehicle_keepers_garage ON vehicle_keepers (garage_id);
CREATE UNIQUE INDEX vehicle_keepers_order ON vehicle_keepers (order_ref, vehicle_id) WHERE order_ref IS NOT NULL AND until IS NULL;

-- What happened to a car, chained by hashes: nobody may change what its next buyer reads.
CREATE TABLE vehicle_events (
  vehicle_id uuid NOT NULL REFERENCES vehicles,
  seq        integer NOT NULL CHECK (seq > 0),
  at         timestamptz NOT NULL,
  kind       text NOT NULL CHECK (kind IN ('handover', 'undone', 'taken_back', 'service', 'keeper', 'reading')),
  km         integer CHECK (km BETWEEN 0 AND 2000000),
  doubtful   boolean NOT NULL DEFAULT false, -- it shows less than before
  dealer     text,
  order_ref  uuid REFERENCES orders,
  keeper_id  uuid REFERENCES vehicle_keepers, -- in whose time
  body       text NOT NULL, -- all of it as it was hashed, with codes and words of what was done; no person
  before     bytea NOT NULL,
  hash       bytea NOT NULL,
  PRIMARY KEY (vehicle_id, seq),
  CONSTRAINT vehicle_events_hash CHECK (hash = sha256(before || convert_to(body, 'UTF8')))
);
CREATE INDEX vehicle_events_order ON vehicle_events (order_ref) WHERE order_ref IS NOT NULL;
CREATE TRIGGER vehicle_events_append_only BEFORE UPDATE OR DELETE ON vehicle_events FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- +goose Down
DROP TABLE vehicle_events, vehicle_keepers, garages, vehicles;
