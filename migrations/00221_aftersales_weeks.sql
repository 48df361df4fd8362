-- +goose Up
SET lock_timeout = '10s';

-- What is taken of a site in one week (of 672 quarters of an hour since 1970), packed one behind the other: a search over two
-- hundred sites reads some thousand rows instead of a hundred thousand bookings. It is only ever read to offer slots; who takes one
-- is checked against the bookings themselves.
CREATE TABLE service_weeks (
  dealer text NOT NULL REFERENCES dealers,
  week   integer NOT NULL,
  packed bytea NOT NULL,
  PRIMARY KEY (dealer, week)
);

-- +goose StatementBegin
CREATE FUNCTION fill_service_week(of_dealer text, of_week integer) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  -- The row is locked before the bookings are read: two who change one week come one after the other, and each statement sees
  -- what was committed before it.
  INSERT INTO service_weeks (dealer, week, packed) VALUES (of_dealer, of_week, '') ON CONFLICT DO NOTHING;
  PERFORM 1 FROM service_weeks WHERE dealer = of_dealer AND week = of_week FOR UPDATE;
  UPDATE service_weeks SET packed = coalesce((SELECT string_agg(int8send(b.packed), ''::bytea ORDER BY b.packed) FROM service_bookings b
      WHERE b.dealer = of_dealer AND b.starts_at >= to_timestamp(of_week * 604800::bigint) AND b.starts_at < to_timestamp((of_week + 1) * 604800::bigint)
        AND b.state IN ('held', 'booked', 'arrived', 'in_work', 'ready')), '')
    WHERE dealer = of_dealer AND week = of_week;
END $$;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE FUNCTION note_service_week() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  was boolean := TG_OP = 'UPDATE' AND OLD.state IN ('held', 'booked', 'arrived', 'in_work', 'ready');
  is_now boolean := NEW.state IN ('held', 'booked', 'arrived', 'in_work', 'ready');
BEGIN
  IF was AND is_now AND OLD.packed = NEW.packed AND OLD.dealer = NEW.dealer THEN
    RETURN NULL;
  END IF;
  IF was THEN
    PERFORM fill_service_week(OLD.dealer, ((OLD.packed >> 40) / 672)::integer);
  END IF;
  IF is_now AND (NOT was OR OLD.dealer <> NEW.dealer OR (OLD.packed >> 40) / 672 <> (NEW.packed >> 40) / 672) THEN
    PERFORM fill_service_week(NEW.dealer, ((NEW.packed >> 40) / 672)::integer);
  END IF;
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER service_bookings_noted AFTER INSERT OR UPDATE ON service_bookings FOR EACH ROW EXECUTE FUNCTION note_service_week();

INSERT INTO service_weeks (dealer, week, packed)
  SELECT dealer, ((packed >> 40) / 672)::integer, string_agg(int8send(packed), ''::bytea ORDER BY packed) FROM service_bookings
  WHERE state IN ('held', 'booked', 'arrived', 'in_work', 'ready') GROUP BY 1, 2;

-- Hours are read as they were written with every search: as text they cost nothing to give out.
ALTER TABLE service_technicians ALTER COLUMN hours TYPE json USING hours::json;

-- +goose Down
ALTER TABLE service_technicians ALTER COLUMN hours TYPE jsonb USING hours::jsonb;
DROP TRIGGER service_bookings_noted ON service_bookings;
DROP FUNCTION note_service_week;
DROP FUNCTION fill_service_week;
DROP TABLE service_weeks;
