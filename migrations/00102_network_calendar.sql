-- +goose Up
SET lock_timeout = '10s';

-- What a site says of itself from a day on, in place of its file. The newest row that has begun counts; rows
-- that are over stay, so that a deadline of last month can be understood.
CREATE TABLE site_plans (
  dealer   text NOT NULL REFERENCES dealers (code),
  from_day date NOT NULL,
  hours    jsonb NOT NULL, -- {"mon": [{"opens": "09:00", "closes": "17:30"}]}; a missing day is shut
  skills   text[] NOT NULL,
  bays     smallint NOT NULL CHECK (bays BETWEEN 1 AND 20),
  made_by  text NOT NULL,
  made_at  timestamptz NOT NULL,
  PRIMARY KEY (dealer, from_day)
);

-- A day that differs from the plan and from the market's holidays: shut, other hours, fewer bays.
CREATE TABLE site_days (
  dealer  text NOT NULL REFERENCES dealers (code),
  day     date NOT NULL,
  spans   jsonb NOT NULL DEFAULT '[]', -- none: shut
  bays    smallint CHECK (bays BETWEEN 0 AND 20), -- null: as many as always; 0: open, and no handovers
  reason  text NOT NULL DEFAULT '',
  made_by text NOT NULL,
  made_at timestamptz NOT NULL,
  PRIMARY KEY (dealer, day)
);

-- Handovers never exceed what a site has. The dealer's row is locked first, by bookings and by changes of
-- the calendar alike, so that they meet here one after the other; then nothing that was read before counts.
-- +goose StatementBegin
CREATE FUNCTION appointment_fits() RETURNS trigger LANGUAGE plpgsql AS $$
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
  -- Starts need not be the same to be in each other's way: hours may have changed between two bookings.
  IF EXISTS (SELECT 1 FROM appointments x WHERE x.dealer = NEW.dealer AND x.bay = NEW.bay AND x.state <> 'released' AND x.id <> NEW.id
    AND x.starts_at < NEW.ends_at AND NEW.starts_at < x.ends_at) THEN
    RAISE EXCEPTION 'the bay is taken at that time' USING ERRCODE = 'exclusion_violation', CONSTRAINT = 'appointments_no_overlap';
  END IF;
  RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER appointments_fit BEFORE INSERT ON appointments FOR EACH ROW EXECUTE FUNCTION appointment_fits();

-- +goose Down
DROP TRIGGER appointments_fit ON appointments;
DROP FUNCTION appointment_fits();
DROP TABLE site_days, site_plans;
