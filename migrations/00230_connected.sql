-- +goose Up
SET lock_timeout = '10s';

-- A key that a vehicle signs its messages with. What it is never changes; it can only end.
CREATE TABLE car_keys (
  kid        text PRIMARY KEY CHECK (length(kid) = 12),
  vehicle_id uuid NOT NULL REFERENCES vehicles ON DELETE CASCADE,
  public     bytea NOT NULL CHECK (octet_length(public) = 32),
  created_at timestamptz NOT NULL,
  revoked_at timestamptz
);
CREATE INDEX car_keys_vehicle ON car_keys (vehicle_id);

-- A vehicle's data as one proven keeper has it: what he agreed to, since when, and the newest of each signal. A row for each,
-- written by the triggers below: with the keeper all of it ends, whoever ends him. Its columns of the vehicle are copies,
-- so that thousands of messages a second ask one table.
CREATE TABLE car_links (
  keeper_id  uuid PRIMARY KEY REFERENCES vehicle_keepers ON DELETE CASCADE,
  vehicle_id uuid NOT NULL REFERENCES vehicles ON DELETE CASCADE,
  vin        text NOT NULL,
  market     text NOT NULL,
  brand      text NOT NULL,
  model      text NOT NULL,
  title      text NOT NULL,
  fuel       text NOT NULL,
  since      timestamptz NOT NULL,
  until      timestamptz,
  consents   jsonb NOT NULL DEFAULT '{}', -- kind of signal: since when; nothing is agreed to by default
  thresholds jsonb NOT NULL DEFAULT '{}', -- rule: the keeper's own limit
  latest     jsonb NOT NULL DEFAULT '{}', -- kind of signal: its newest value, when and by which message
  locale     text NOT NULL DEFAULT '', -- the market's first when empty
  quiet_from smallint NOT NULL DEFAULT 1260 CHECK (quiet_from BETWEEN 0 AND 1439), -- minutes of the market's day; none when both are the same
  quiet_to   smallint NOT NULL DEFAULT 480 CHECK (quiet_to BETWEEN 0 AND 1439),
  CONSTRAINT car_links_over CHECK (until IS NULL OR consents = '{}' AND thresholds = '{}' AND latest = '{}')
) WITH (fillfactor = 60); -- the newest values change with every message: the new row finds a place in the same page
CREATE UNIQUE INDEX car_links_live ON car_links (vehicle_id) WHERE until IS NULL;
CREATE UNIQUE INDEX car_links_vin ON car_links (vin) WHERE until IS NULL;

-- A message as it came, with what its keeper agreed to and nothing else. The same number again is the same message.
CREATE TABLE car_messages (
  keeper_id   uuid NOT NULL REFERENCES car_links ON DELETE CASCADE,
  seq         bigint NOT NULL CHECK (seq > 0),
  at          timestamptz NOT NULL, -- by the car's clock
  received_at timestamptz NOT NULL,
  readings    jsonb NOT NULL,
  PRIMARY KEY (keeper_id, seq)
);
CREATE INDEX car_messages_age ON car_messages USING brin (received_at);

-- A mileage that contradicts another one: kept apart, and no reading.
CREATE TABLE car_doubts (
  keeper_id uuid NOT NULL REFERENCES car_links ON DELETE CASCADE,
  seq       bigint NOT NULL,
  at        timestamptz NOT NULL,
  km        integer NOT NULL,
  known_at  timestamptz NOT NULL,
  known_km  integer NOT NULL,
  PRIMARY KEY (keeper_id, seq),
  CONSTRAINT car_doubts_contradict CHECK (at >= known_at AND km < known_km OR at <= known_at AND km > known_km)
);

-- Every yes and no to a kind of signal.
CREATE TABLE car_consents (
  keeper_id uuid NOT NULL REFERENCES car_links ON DELETE CASCADE,
  n         bigint GENERATED ALWAYS AS IDENTITY,
  kind      text NOT NULL CHECK (kind IN ('odometer', 'service', 'battery', 'health', 'lamps', 'tyres')),
  given     boolean NOT NULL,
  at        timestamptz NOT NULL,
  PRIMARY KEY (keeper_id, n)
);

-- From when to when a keeper's car is paused or lent. A message is judged by when it was measured, so a silence that is over is
-- kept as long as a message may be late.
CREATE TABLE car_silences (
  keeper_id uuid NOT NULL REFERENCES car_links ON DELETE CASCADE,
  kind      text NOT NULL CHECK (kind IN ('pause', 'lend')),
  from_at   timestamptz NOT NULL,
  until_at  timestamptz NOT NULL, -- infinity while nobody said when it ends
  PRIMARY KEY (keeper_id, kind, from_at),
  CHECK (until_at >= from_at)
);

-- Where a keeper wants to be told, beside his page.
CREATE TABLE car_channels (
  keeper_id uuid NOT NULL REFERENCES car_links ON DELETE CASCADE,
  channel   text NOT NULL CHECK (channel IN ('mail', 'sms')),
  address   text NOT NULL CHECK (length(address) BETWEEN 3 AND 254),
  agreed_at timestamptz NOT NULL,
  PRIMARY KEY (keeper_id, channel)
);

CREATE TABLE car_warnings (
  id         uuid PRIMARY KEY,
  keeper_id  uuid NOT NULL REFERENCES car_links ON DELETE CASCADE,
  rule       text NOT NULL,
  kind       text NOT NULL,
  urgency    text NOT NULL CHECK (urgency IN ('stop', 'soon', 'plan')),
  item       text NOT NULL, -- of the menu; empty when none helps
  value      integer NOT NULL, -- what the signal said
  state      text NOT NULL CHECK (state IN ('raised', 'offered', 'told', 'taken', 'cleared', 'expired')),
  raised_at  timestamptz NOT NULL,
  tell_at    timestamptz NOT NULL, -- quiet hours move it
  offer_tried boolean NOT NULL DEFAULT false, -- in vain: nobody waits for one
  offered_at timestamptz,
  told_at    timestamptz,
  due_at     timestamptz NOT NULL, -- when it expires
  ended_at   timestamptz,
  end_why    text CHECK (end_why IN ('signal', 'dismissed', 'threshold', 'consent', 'age', 'detached')),
  muted      boolean NOT NULL DEFAULT false, -- dismissed: it does not come again before its cause was gone once
  CONSTRAINT car_warnings_end CHECK ((state IN ('cleared', 'expired')) = (ended_at IS NOT NULL) AND (ended_at IS NULL) = (end_why IS NULL)),
  CONSTRAINT car_warnings_told CHECK (state NOT IN ('told', 'taken') OR told_at IS NOT NULL),
  CONSTRAINT car_warnings_offered CHECK (state <> 'offered' OR offered_at IS NOT NULL)
);
CREATE UNIQUE INDEX car_warnings_open ON car_warnings (keeper_id, rule) WHERE ended_at IS NULL;
CREATE INDEX car_warnings_muted ON car_warnings (keeper_id) WHERE muted;
CREATE INDEX car_warnings_tell ON car_warnings (tell_at) WHERE told_at IS NULL AND ended_at IS NULL;
CREATE INDEX car_warnings_due ON car_warnings (due_at) WHERE ended_at IS NULL;
CREATE INDEX car_warnings_keeper ON car_warnings (keeper_id, raised_at);

-- A warning is told once on each channel.
CREATE TABLE car_notices (
  warning_id uuid NOT NULL REFERENCES car_warnings ON DELETE CASCADE,
  channel    text NOT NULL CHECK (channel IN ('mail', 'sms')),
  queued_at  timestamptz NOT NULL,
  sent_at    timestamptz,
  PRIMARY KEY (warning_id, channel)
);

-- A keeper lets a dealer, or the machine of a partner, read some kinds of signals for a while.
CREATE TABLE car_grants (
  id         uuid PRIMARY KEY,
  keeper_id  uuid NOT NULL REFERENCES car_links ON DELETE CASCADE,
  dealer     text REFERENCES dealers (code),
  client     uuid REFERENCES api_clients,
  kinds      text[] NOT NULL CHECK (cardinality(kinds) > 0 AND kinds <@ ARRAY['odometer', 'service', 'battery', 'health', 'lamps', 'tyres']),
  granted_at timestamptz NOT NULL,
  until_at   timestamptz NOT NULL,
  revoked_at timestamptz,
  CONSTRAINT car_grants_one CHECK (num_nonnulls(dealer, client) = 1),
  CONSTRAINT car_grants_boxed CHECK (until_at > granted_at AND until_at <= granted_at + interval '366 days')
);
CREATE INDEX car_grants_keeper ON car_grants (keeper_id);

-- Every time somebody read a keeper's data, and what of it.
CREATE TABLE car_reads (
  grant_id uuid NOT NULL REFERENCES car_grants ON DELETE CASCADE,
  n        bigint GENERATED ALWAYS AS IDENTITY,
  client   uuid NOT NULL REFERENCES api_clients,
  at       timestamptz NOT NULL,
  kinds    text[] NOT NULL,
  PRIMARY KEY (grant_id, n)
);

-- Who has proven that he keeps a car has its data from that moment on; who only says so has nothing. His end is the end of all
-- that he agreed to, in the same transaction: what he let others read ends too, and nobody hears of a warning any more. The
-- messages themselves are forgotten by the housekeeping. Should he keep the car again, it is since nobody else did.
-- +goose StatementBegin
CREATE FUNCTION link_keeper() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND OLD.until IS NOT DISTINCT FROM NEW.until AND OLD.proven_at IS NOT DISTINCT FROM NEW.proven_at THEN
    RETURN NULL;
  END IF;
  IF NEW.until IS NULL AND NEW.proven_at IS NOT NULL THEN
    INSERT INTO car_links (keeper_id, vehicle_id, vin, market, brand, model, title, fuel, since)
      SELECT NEW.id, v.id, v.vin, v.market, v.brand, v.model, v.title, v.fuel, greatest(NEW.since, NEW.proven_at) FROM vehicles v WHERE v.id = NEW.vehicle_id
      ON CONFLICT (keeper_id) DO UPDATE SET until = NULL, since = greatest(car_links.since, (SELECT max(o.until) FROM car_links o WHERE o.vehicle_id = NEW.vehicle_id));
    RETURN NULL;
  END IF;
  UPDATE car_links SET until = greatest(since, coalesce(NEW.until, since)), consents = '{}', thresholds = '{}', latest = '{}' WHERE keeper_id = NEW.id AND until IS NULL;
  IF NOT FOUND THEN
    RETURN NULL;
  END IF;
  DELETE FROM car_channels WHERE keeper_id = NEW.id;
  DELETE FROM car_silences WHERE keeper_id = NEW.id;
  UPDATE car_warnings SET state = 'expired', ended_at = greatest(NEW.until, raised_at), end_why = 'detached' WHERE keeper_id = NEW.id AND ended_at IS NULL;
  UPDATE car_warnings SET muted = false WHERE keeper_id = NEW.id AND muted;
  UPDATE car_grants SET revoked_at = greatest(NEW.until, granted_at) WHERE keeper_id = NEW.id AND revoked_at IS NULL;
  RETURN NULL;
END $$;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE FUNCTION relabel_link() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE car_links SET vin = NEW.vin, market = NEW.market, brand = NEW.brand, model = NEW.model, title = NEW.title, fuel = NEW.fuel WHERE vehicle_id = NEW.id AND until IS NULL;
  RETURN NULL;
END $$;
-- +goose StatementEnd

CREATE TRIGGER vehicle_keepers_linked AFTER INSERT OR UPDATE OF until, proven_at ON vehicle_keepers FOR EACH ROW EXECUTE FUNCTION link_keeper();
CREATE TRIGGER vehicles_relabelled AFTER UPDATE ON vehicles FOR EACH ROW
  WHEN ((OLD.vin, OLD.market, OLD.brand, OLD.model, OLD.title, OLD.fuel) IS DISTINCT FROM (NEW.vin, NEW.market, NEW.brand, NEW.model, NEW.title, NEW.fuel)) EXECUTE FUNCTION relabel_link();

INSERT INTO car_links (keeper_id, vehicle_id, vin, market, brand, model, title, fuel, since)
  SELECT k.id, v.id, v.vin, v.market, v.brand, v.model, v.title, v.fuel, greatest(k.since, k.proven_at) FROM vehicle_keepers k JOIN vehicles v ON v.id = k.vehicle_id WHERE k.until IS NULL AND k.proven_at IS NOT NULL;

-- A partner's machine belongs to no dealer and reads what keepers grant it.
ALTER TABLE api_clients ALTER COLUMN dealer DROP NOT NULL;
ALTER TABLE api_clients ADD COLUMN cars boolean NOT NULL DEFAULT false;
ALTER TABLE api_clients ADD CONSTRAINT api_clients_whose CHECK (dealer IS NOT NULL OR cars) NOT VALID;

-- +goose Down
ALTER TABLE api_clients DROP CONSTRAINT api_clients_whose;
DELETE FROM car_reads;
DELETE FROM car_grants;
DELETE FROM api_clients WHERE dealer IS NULL;
ALTER TABLE api_clients DROP COLUMN cars;
ALTER TABLE api_clients ALTER COLUMN dealer SET NOT NULL;
DROP TRIGGER vehicles_relabelled ON vehicles;
DROP TRIGGER vehicle_keepers_linked ON vehicle_keepers;
DROP FUNCTION relabel_link, link_keeper;
DROP TABLE car_reads, car_grants, car_notices, car_warnings, car_channels, car_silences, car_consents, car_doubts, car_messages, car_links, car_keys;
