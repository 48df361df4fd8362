-- +goose Up
SET lock_timeout = '10s';

-- May wait: without it no clock is ahead, and only a demo has one that may be.
--
-- The jumps of a demo's clock. How far it is ahead is the sum of what was walked; a jump of many days is walked in steps, so
-- that what falls due on the way does so in its order. No row is ever taken away and nothing is walked back: time that was
-- told to a buyer would be told again. asked_at and walked_at are the database's own time, which no jump moves; the others
-- are the domain's.
CREATE TABLE clock_jumps (
  seq       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  by_secs   bigint NOT NULL CHECK (by_secs BETWEEN 1 AND 31 * 86400),
  walked    bigint NOT NULL DEFAULT 0,                          -- seconds so far
  from_at   timestamptz NOT NULL,                               -- domain time when it was asked for
  to_at     timestamptz,                                        -- domain time when it was done
  asked_by  text NOT NULL CHECK (asked_by <> ''),
  asked_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
  walked_at timestamptz,                                        -- the last step
  CONSTRAINT clock_jumps_walked CHECK (walked BETWEEN 0 AND by_secs),
  CONSTRAINT clock_jumps_done CHECK (to_at IS NULL OR walked = by_secs AND to_at > from_at)
);
-- One at a time: two that walk together would leave out what the other has not looked at yet.
CREATE UNIQUE INDEX clock_jumps_one ON clock_jumps ((true)) WHERE to_at IS NULL;

-- +goose StatementBegin
CREATE FUNCTION clock_only_forward() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' OR NEW.walked < OLD.walked OR OLD.to_at IS NOT NULL
    OR (NEW.seq, NEW.by_secs, NEW.from_at, NEW.asked_by, NEW.asked_at) IS DISTINCT FROM (OLD.seq, OLD.by_secs, OLD.from_at, OLD.asked_by, OLD.asked_at) THEN
    RAISE EXCEPTION 'the clock goes forward only' USING ERRCODE = 'check_violation', CONSTRAINT = 'clock_only_forward';
  END IF;
  RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER clock_only_forward BEFORE UPDATE OR DELETE ON clock_jumps FOR EACH ROW EXECUTE FUNCTION clock_only_forward();

-- +goose Down
DROP TABLE clock_jumps;
DROP FUNCTION clock_only_forward();
