-- +goose Up
SET lock_timeout = '10s';

-- Equality beside ranges in one exclusion constraint. A trusted extension: whoever may create in the database may create it.
CREATE EXTENSION IF NOT EXISTS btree_gist;

-- What a workshop sells, as the files say: the menu, the parts, and what each market has of its own.
CREATE TABLE service_books (
  part text PRIMARY KEY CHECK (part ~ '^[a-z]+(/[a-z-]+)?$'),
  doc  jsonb NOT NULL
);

-- A site's capacity. Numbers are the site's own; what is out of use stays, because bookings name it.
CREATE TABLE service_bays (
  dealer text NOT NULL REFERENCES dealers,
  no     smallint NOT NULL CHECK (no BETWEEN 1 AND 200),
  skills text[] NOT NULL CHECK (skills <@ ARRAY['general', 'electric', 'diagnosis', 'tyres', 'bodywork']),
  active boolean NOT NULL DEFAULT true,
  PRIMARY KEY (dealer, no)
);
CREATE TABLE service_technicians (
  dealer text NOT NULL REFERENCES dealers,
  no     smallint NOT NULL CHECK (no BETWEEN 1 AND 200),
  name   text NOT NULL CHECK (length(name) BETWEEN 1 AND 80),
  skills text[] NOT NULL CHECK (skills <@ ARRAY['general', 'electric', 'diagnosis', 'tyres', 'bodywork']),
  hours  jsonb NOT NULL, -- spans by weekday in the site's own time, as a site's opening hours
  active boolean NOT NULL DEFAULT true,
  PRIMARY KEY (dealer, no)
);
CREATE TABLE service_courtesy_cars (
  dealer text NOT NULL REFERENCES dealers,
  no     smallint NOT NULL CHECK (no BETWEEN 1 AND 200),
  kind   text NOT NULL CHECK (kind IN ('small', 'family', 'electric', 'van')),
  plate  text NOT NULL DEFAULT '' CHECK (length(plate) <= 20),
  active boolean NOT NULL DEFAULT true,
  PRIMARY KEY (dealer, no)
);

-- Parts: what lies on the shelf, how many days the maker takes to send one more (none: it can not be had any more), and what is
-- on its way.
CREATE TABLE service_stock (
  dealer    text NOT NULL REFERENCES dealers,
  part      text NOT NULL CHECK (part ~ '^[a-z0-9][a-z0-9-]{1,47}$'),
  on_hand   integer NOT NULL CHECK (on_hand >= 0),
  lead_days smallint CHECK (lead_days BETWEEN 0 AND 180),
  PRIMARY KEY (dealer, part)
);

-- One row is one stay of a car in a workshop, from the soft hold to the end. It takes a bay and a technician while it lasts and,
-- where the customer drives on, a courtesy car until it is back.
CREATE TABLE service_bookings (
  id                uuid PRIMARY KEY,
  brand             text NOT NULL REFERENCES brands,
  market            text NOT NULL,
  dealer            text NOT NULL,
  state             text NOT NULL CHECK (state IN ('held', 'booked', 'arrived', 'in_work', 'ready', 'done', 'cancelled', 'no_show', 'lapsed')),
  source            text NOT NULL CHECK (source IN ('web', 'warning', 'desk', 'wait', 'handover')),
  starts_at         timestamptz NOT NULL,
  ends_at           timestamptz NOT NULL,
  bay               smallint NOT NULL,
  technician        smallint NOT NULL,
  skills            text[] NOT NULL,
  minutes           integer NOT NULL CHECK (minutes BETWEEN 1 AND 1440),
  mobility          text NOT NULL CHECK (mobility IN ('none', 'car', 'collection')),
  courtesy_car      smallint,
  courtesy_until    timestamptz,
  collect_m         integer CHECK (collect_m >= 0),
  collect_fee_minor bigint CHECK (collect_fee_minor >= 0),
  lines             jsonb NOT NULL,
  km                integer CHECK (km BETWEEN 0 AND 2000000),
  vehicle           uuid REFERENCES vehicles, -- which may be registered in another market by now
  order_ref         uuid,
  due_at            timestamptz,
  -- Quarters of an hour since 1970 (24 bits), of the stay (8), bay, technician, courtesy car (8 each), quarters of its drive (8):
  -- the search for free slots reads this column alone.
  packed            bigint NOT NULL,
  created_at        timestamptz NOT NULL,
  updated_at        timestamptz NOT NULL,
  UNIQUE (id, market),
  FOREIGN KEY (dealer, market) REFERENCES dealers (code, market),
  FOREIGN KEY (dealer, bay) REFERENCES service_bays (dealer, no),
  FOREIGN KEY (dealer, technician) REFERENCES service_technicians (dealer, no),
  FOREIGN KEY (dealer, courtesy_car) REFERENCES service_courtesy_cars (dealer, no),
  FOREIGN KEY (order_ref, market) REFERENCES orders (id, market),
  CONSTRAINT service_bookings_span CHECK (starts_at < ends_at),
  CONSTRAINT service_bookings_due CHECK ((state = 'held') = (due_at IS NOT NULL)),
  CONSTRAINT service_bookings_mobility CHECK ((mobility = 'car') = (courtesy_car IS NOT NULL) AND (courtesy_car IS NULL) = (courtesy_until IS NULL) AND courtesy_until >= ends_at
    AND (mobility = 'collection') = (collect_m IS NOT NULL) AND (collect_m IS NULL) = (collect_fee_minor IS NULL)),
  CONSTRAINT service_bookings_packed CHECK (to_timestamp((packed >> 40) * 900) = starts_at AND (packed >> 24) & 255 = bay AND (packed >> 16) & 255 = technician AND (packed >> 8) & 255 = coalesce(courtesy_car, 0)),
  -- No bay, no technician and no courtesy car is promised twice for one time.
  CONSTRAINT service_bookings_bay EXCLUDE USING gist (dealer WITH =, bay WITH =, tstzrange(starts_at, ends_at) WITH &&) WHERE (state IN ('held', 'booked', 'arrived', 'in_work')),
  CONSTRAINT service_bookings_technician EXCLUDE USING gist (dealer WITH =, technician WITH =, tstzrange(starts_at, ends_at) WITH &&) WHERE (state IN ('held', 'booked', 'arrived', 'in_work')),
  CONSTRAINT service_bookings_courtesy EXCLUDE USING gist (dealer WITH =, courtesy_car WITH =, tstzrange(starts_at, courtesy_until) WITH &&) WHERE (courtesy_car IS NOT NULL AND state IN ('held', 'booked', 'arrived', 'in_work', 'ready'))
);
CREATE INDEX service_bookings_free ON service_bookings (dealer, starts_at) INCLUDE (packed) WHERE state IN ('held', 'booked', 'arrived', 'in_work', 'ready');
CREATE INDEX service_bookings_day ON service_bookings (dealer, starts_at);
CREATE INDEX service_bookings_due_at ON service_bookings (due_at) WHERE state = 'held';
CREATE INDEX service_bookings_vehicle ON service_bookings (vehicle) WHERE vehicle IS NOT NULL;
-- One order has one stay that counts.
CREATE UNIQUE INDEX service_bookings_order ON service_bookings (order_ref) WHERE order_ref IS NOT NULL AND state NOT IN ('cancelled', 'lapsed', 'no_show');

-- Every step of a stay.
CREATE TABLE service_moves (
  booking    uuid NOT NULL REFERENCES service_bookings,
  seq        integer NOT NULL CHECK (seq > 0),
  from_state text NOT NULL,
  to_state   text NOT NULL,
  starts_at  timestamptz NOT NULL, -- when the stay was to begin, from this step on
  actor      text NOT NULL,
  why        text NOT NULL DEFAULT '',
  at         timestamptz NOT NULL,
  PRIMARY KEY (booking, seq)
);
CREATE TRIGGER service_moves_append_only BEFORE UPDATE OR DELETE ON service_moves FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TABLE service_supplies (
  id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  dealer   text NOT NULL,
  part     text NOT NULL,
  quantity integer NOT NULL CHECK (quantity > 0),
  due_on   date NOT NULL,
  holder   uuid, -- for whom it was ordered, as in service_reservations
  came_at  timestamptz,
  FOREIGN KEY (dealer, part) REFERENCES service_stock (dealer, part)
);
CREATE INDEX service_supplies_open ON service_supplies (dealer, part) WHERE came_at IS NULL;

-- What of the parts is promised to whom, until it is used or not wanted any more: to a booking, or to an order whose buyer fetches
-- goods over the counter.
CREATE TABLE service_reservations (
  holder   uuid NOT NULL,
  dealer   text NOT NULL,
  part     text NOT NULL,
  quantity integer NOT NULL CHECK (quantity > 0),
  state    text NOT NULL CHECK (state IN ('live', 'used', 'freed')),
  PRIMARY KEY (holder, part),
  FOREIGN KEY (dealer, part) REFERENCES service_stock (dealer, part)
);
CREATE INDEX service_reservations_live ON service_reservations (dealer, part) WHERE state = 'live';

-- Who would come earlier: a place in the line of a site. The one who is asked has a slot held for him until due_at.
CREATE TABLE service_waits (
  id         uuid PRIMARY KEY,
  booking    uuid NOT NULL REFERENCES service_bookings,
  market     text NOT NULL,
  dealer     text NOT NULL,
  place      bigint GENERATED ALWAYS AS IDENTITY,
  state      text NOT NULL CHECK (state IN ('waiting', 'offered', 'ended')),
  earliest   timestamptz NOT NULL,
  latest     timestamptz NOT NULL,
  held       uuid REFERENCES service_bookings, -- the slot that is offered
  due_at     timestamptz,
  declined   timestamptz[] NOT NULL DEFAULT '{}', -- starts on whose days nothing is offered again
  created_at timestamptz NOT NULL,
  ended_at   timestamptz,
  end_why    text CHECK (end_why IN ('taken', 'left', 'unanswered', 'over')),
  FOREIGN KEY (dealer, market) REFERENCES dealers (code, market),
  FOREIGN KEY (booking, market) REFERENCES service_bookings (id, market),
  CONSTRAINT service_waits_span CHECK (earliest < latest),
  CONSTRAINT service_waits_offer CHECK ((state = 'offered') = (due_at IS NOT NULL) AND (state <> 'offered' OR held IS NOT NULL)),
  CONSTRAINT service_waits_end CHECK ((state = 'ended') = (ended_at IS NOT NULL) AND (ended_at IS NULL) = (end_why IS NULL))
);
CREATE UNIQUE INDEX service_waits_once ON service_waits (booking) WHERE state <> 'ended';
CREATE UNIQUE INDEX service_waits_held ON service_waits (held) WHERE state = 'offered';
CREATE INDEX service_waits_line ON service_waits (dealer, place) WHERE state = 'waiting';
CREATE INDEX service_waits_due_at ON service_waits (due_at) WHERE state = 'offered';

-- Service plans that cars have. A visit that one covers uses one up.
CREATE TABLE service_contracts (
  id         uuid PRIMARY KEY,
  code       text NOT NULL,
  brand      text NOT NULL REFERENCES brands,
  market     text NOT NULL REFERENCES markets,
  vehicle    uuid NOT NULL,
  order_ref  uuid UNIQUE, -- that bought it
  from_day   date NOT NULL,
  until_day  date NOT NULL,
  visits     smallint NOT NULL CHECK (visits > 0),
  used       smallint NOT NULL DEFAULT 0,
  ended_at   timestamptz, -- given back
  created_at timestamptz NOT NULL,
  FOREIGN KEY (order_ref, market) REFERENCES orders (id, market),
  FOREIGN KEY (vehicle) REFERENCES vehicles,
  CONSTRAINT service_contracts_span CHECK (from_day <= until_day),
  CONSTRAINT service_contracts_used CHECK (used BETWEEN 0 AND visits)
);
CREATE INDEX service_contracts_vehicle ON service_contracts (vehicle);
-- A visit is taken off a plan once.
CREATE TABLE service_contract_visits (
  contract uuid NOT NULL REFERENCES service_contracts,
  booking  uuid NOT NULL REFERENCES service_bookings,
  at       timestamptz NOT NULL,
  PRIMARY KEY (contract, booking)
);

-- +goose Down
DROP TABLE service_contract_visits, service_contracts, service_waits, service_reservations, service_supplies, service_moves, service_bookings, service_stock, service_courtesy_cars, service_technicians, service_bays, service_books;
DROP EXTENSION btree_gist;
