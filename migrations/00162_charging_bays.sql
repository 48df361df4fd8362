-- +goose Up
SET lock_timeout = '10s';

-- How many of a site's handover bays have a charger: the first ones. Electric cars are handed over there; other cars only
-- where the site opens these bays to all. With none the site makes no difference, as before.
ALTER TABLE site_plans
  ADD COLUMN charge      smallint NOT NULL DEFAULT 0 CHECK (charge BETWEEN 0 AND 20),
  ADD COLUMN charge_open boolean  NOT NULL DEFAULT false;

-- What is handed over is an electric car. Nobody writes this: the guard below copies it from the order.
ALTER TABLE appointments ADD COLUMN electric boolean NOT NULL DEFAULT false;

-- The same guard as in 00102, and which cars a bay takes. What a car is, its order says. A
-- bay that is not for this car is refused by the name of too few bays: instances of before know that one.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION appointment_fits() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  zone text;
  most integer;
  of_day integer;
  chargers integer;
  open_to_all boolean;
  today date;
BEGIN
  SELECT coalesce((o.snapshot ->> 'electric')::boolean, false) INTO NEW.electric FROM orders o WHERE o.id = NEW.order_id;
  NEW.electric := coalesce(NEW.electric, false);
  IF NEW.state = 'released' THEN
    RETURN NEW;
  END IF;
  SELECT coalesce(nullif(doc ->> 'time_zone', ''), 'UTC') INTO zone FROM dealers WHERE code = NEW.dealer FOR NO KEY UPDATE;
  today := (NEW.starts_at AT TIME ZONE zone)::date;
  SELECT coalesce(p.bays, (x.doc ->> 'bays')::integer, 20), coalesce(p.charge, (x.doc ->> 'charge_bays')::integer, 0), coalesce(p.charge_open, (x.doc ->> 'charge_open')::boolean, false)
    INTO most, chargers, open_to_all FROM dealers x
    LEFT JOIN LATERAL (SELECT bays, charge, charge_open FROM site_plans WHERE dealer = x.code AND from_day <= today ORDER BY from_day DESC LIMIT 1) p ON true
    WHERE x.code = NEW.dealer;
  SELECT CASE WHEN d.spans = '[]'::jsonb THEN 0 ELSE d.bays END INTO of_day FROM site_days d WHERE d.dealer = NEW.dealer AND d.day = today;
  most := coalesce(of_day, most, 20);
  IF NEW.bay > most THEN
    RAISE EXCEPTION 'the site has % bays on that day', most USING ERRCODE = 'check_violation', CONSTRAINT = 'appointments_capacity';
  END IF;
  IF chargers > 0 THEN
    IF NEW.electric AND NEW.bay > chargers OR NOT NEW.electric AND NOT open_to_all AND chargers < most AND NEW.bay <= chargers THEN
      RAISE EXCEPTION 'bay % is not for this car', NEW.bay USING ERRCODE = 'check_violation', CONSTRAINT = 'appointments_capacity';
    END IF;
  END IF;
  -- Starts need not be the same to be in each other's way: hours may have changed between two bookings.
  IF EXISTS (SELECT 1 FROM appointments x WHERE x.dealer = NEW.dealer AND x.bay = NEW.bay AND x.state <> 'released' AND x.id <> NEW.id
    AND x.starts_at < NEW.ends_at AND NEW.starts_at < x.ends_at) THEN
    RAISE EXCEPTION 'the bay is taken at that time' USING ERRCODE = 'exclusion_violation', CONSTRAINT = 'appointments_no_overlap';
  END IF;
  RETURN NEW;
END $$;
-- +goose StatementEnd

-- +goose Down
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION appointment_fits() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  zone text;
  most integer;
  today date;
BEGIN
  IF NEW.state = 'released' THEN
    RETURN NEW;
  END IF;
  SELECT coalesce(nullif(doc ->> 'time_zone', ''), 'UTC') INTO zone FROM dealers WHERE code = NEW.dealer FOR NO KEY UPDATE;
  today := (NEW.starts_at AT TIME ZONE zone)::date;
  SELECT coalesce(
    (SELECT CASE WHEN d.spans = '[]'::jsonb THEN 0 ELSE d.bays END FROM site_days d WHERE d.dealer = NEW.dealer AND d.day = today),
    (SELECT p.bays FROM site_plans p WHERE p.dealer = NEW.dealer AND p.from_day <= today ORDER BY p.from_day DESC LIMIT 1),
    (SELECT (x.doc ->> 'bays')::integer FROM dealers x WHERE x.code = NEW.dealer), 20) INTO most;
  IF NEW.bay > most THEN
    RAISE EXCEPTION 'the site has % bays on that day', most USING ERRCODE = 'check_violation', CONSTRAINT = 'appointments_capacity';
  END IF;
  IF EXISTS (SELECT 1 FROM appointments x WHERE x.dealer = NEW.dealer AND x.bay = NEW.bay AND x.state <> 'released' AND x.id <> NEW.id
    AND x.starts_at < NEW.ends_at AND NEW.starts_at < x.ends_at) THEN
    RAISE EXCEPTION 'the bay is taken at that time' USING ERRCODE = 'exclusion_violation', CONSTRAINT = 'appointments_no_overlap';
  END IF;
  RETURN NEW;
END $$;
-- +goose StatementEnd
ALTER TABLE site_plans DROP COLUMN charge, DROP COLUMN charge_open;
ALTER TABLE appointments DROP COLUMN electric;
