-- +goose Up
SET lock_timeout = '10s';

-- A picture of a used car. One without a place is of a fault alone. It is shown in a frame of 4 to 3, cut in several widths;
-- each cutting has another number in its address, so that an address always shows the same picture.
CREATE TABLE used_photos (
  id           uuid PRIMARY KEY,
  car          text NOT NULL REFERENCES used_cars,
  place        smallint CHECK (place BETWEEN 1 AND 40),
  angle        text NOT NULL DEFAULT '' CHECK (length(angle) <= 40),
  alt          text NOT NULL DEFAULT '' CHECK (length(alt) <= 200), -- what it shows, for who cannot see it
  cut          integer NOT NULL DEFAULT 1 CHECK (cut > 0),
  frame_size   smallint NOT NULL CHECK (frame_size BETWEEN 50 AND 100), -- percent of the widest frame; where it lies in what is left
  frame_across smallint NOT NULL CHECK (frame_across BETWEEN 0 AND 100),
  frame_down   smallint NOT NULL CHECK (frame_down BETWEEN 0 AND 100),
  wide         smallint NOT NULL CHECK (wide > 0), -- of the widest cut
  added_by     text NOT NULL,
  added_at     timestamptz NOT NULL,
  -- Looked at when a statement ends, so that one statement can change two places.
  CONSTRAINT used_photos_place UNIQUE (car, place) DEFERRABLE INITIALLY IMMEDIATE
);
-- The pixels lie apart: what reads a list or a page of cars never touches them. Width 0 is the whole picture, to be cut again.
CREATE TABLE used_photo_files (
  photo uuid NOT NULL REFERENCES used_photos ON DELETE CASCADE,
  wide  smallint NOT NULL CHECK (wide >= 0),
  jpeg  bytea NOT NULL,
  PRIMARY KEY (photo, wide)
);

-- A fault may have its picture. One that was found after its car was offered says when.
ALTER TABLE used_faults ADD COLUMN photo uuid REFERENCES used_photos;
ALTER TABLE used_faults ADD COLUMN added_at timestamptz;
CREATE INDEX used_faults_photo ON used_faults (photo) WHERE photo IS NOT NULL;

-- What was written down as a fault and what was taken back, by whom and when.
CREATE TABLE used_fault_notes (
  car     text NOT NULL REFERENCES used_cars,
  seq     integer NOT NULL CHECK (seq > 0),
  act     text NOT NULL CHECK (act IN ('added', 'removed')),
  fault   smallint NOT NULL,
  panel   text NOT NULL,
  kind    text NOT NULL,
  mm      integer NOT NULL,
  words   text NOT NULL,
  offered boolean NOT NULL, -- the car was on offer by then
  actor   text NOT NULL,
  at      timestamptz NOT NULL,
  PRIMARY KEY (car, seq)
);
CREATE TRIGGER used_fault_notes_append_only BEFORE UPDATE OR DELETE ON used_fault_notes FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- Each time somebody answers the points of the checklist, all of them as they stand then: by point what was said, by whom, on
-- which day. The last row counts.
CREATE TABLE used_inspections (
  car     text NOT NULL REFERENCES used_cars,
  seq     integer NOT NULL CHECK (seq > 0),
  answers jsonb NOT NULL,
  actor   text NOT NULL,
  at      timestamptz NOT NULL,
  PRIMARY KEY (car, seq)
);
CREATE TRIGGER used_inspections_append_only BEFORE UPDATE OR DELETE ON used_inspections FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- What a register of cars' pasts answered. It is about the VIN: the next row of the same car has it too. The last one counts.
CREATE TABLE used_checks (
  car         text NOT NULL REFERENCES used_cars,
  asked_at    timestamptz NOT NULL,
  vin         text NOT NULL,
  source      text NOT NULL,
  reference   text NOT NULL,
  finance     boolean NOT NULL,
  written_off text NOT NULL, -- the insurer's category; empty when it never was
  stolen      boolean NOT NULL,
  owners      smallint NOT NULL CHECK (owners >= 0),
  readings    jsonb NOT NULL,
  at          timestamptz NOT NULL,
  PRIMARY KEY (car, asked_at) -- one answer to a question, however often its job runs
);
CREATE INDEX used_checks_vin ON used_checks (vin, at);
CREATE TRIGGER used_checks_append_only BEFORE UPDATE OR DELETE ON used_checks FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- When the register was asked last. Cars on offer are asked about again: those asked longest ago first.
ALTER TABLE used_cars ADD COLUMN check_asked_at timestamptz;
CREATE INDEX used_cars_check ON used_cars (market, check_asked_at NULLS FIRST) WHERE state = 'listed';

-- +goose Down
DROP INDEX used_cars_check;
ALTER TABLE used_cars DROP COLUMN check_asked_at;
DROP TABLE used_checks, used_inspections, used_fault_notes;
ALTER TABLE used_faults DROP COLUMN photo, DROP COLUMN added_at;
DROP TABLE used_photo_files, used_photos;
