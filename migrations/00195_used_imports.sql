-- +goose Up
SET lock_timeout = '10s';

-- A file of used cars as a dealer sent it: its columns are looked at first, then its lines, and what they say is carried out when the
-- sender says so. Forgotten after 30 days; what it brought stays.
CREATE TABLE used_imports (
  id         uuid PRIMARY KEY,
  dealer     text NOT NULL,
  market     text NOT NULL,
  actor      text NOT NULL,
  name       text NOT NULL CHECK (length(name) <= 100),
  state      text NOT NULL CHECK (state IN ('mapping', 'checking', 'checked', 'applying', 'done')),
  header     text[] NOT NULL CHECK (cardinality(header) BETWEEN 1 AND 100),
  fields     text[] NOT NULL, -- what each column of the header is; empty where nobody reads it
  rows       integer NOT NULL CHECK (rows BETWEEN 1 AND 100000),
  created_at timestamptz NOT NULL,
  changed_at timestamptz NOT NULL,
  FOREIGN KEY (dealer, market) REFERENCES dealers (code, market),
  CONSTRAINT used_imports_fields CHECK (cardinality(fields) = cardinality(header))
);
CREATE INDEX used_imports_dealer ON used_imports (dealer, created_at DESC);

CREATE TABLE used_import_rows (
  import_id uuid NOT NULL REFERENCES used_imports ON DELETE CASCADE,
  line      integer NOT NULL,
  cells     text[] NOT NULL,
  vin       text NOT NULL DEFAULT '', -- as it was read; empty before, and where there is none
  outcome   text NOT NULL DEFAULT '' CHECK (outcome IN ('', 'new', 'change', 'same', 'reject')),
  why       text NOT NULL DEFAULT '',
  field     text NOT NULL DEFAULT '',
  said      text NOT NULL DEFAULT '',
  PRIMARY KEY (import_id, line)
);
CREATE INDEX used_import_rows_open ON used_import_rows (import_id, line) WHERE outcome = '';
CREATE INDEX used_import_rows_vin ON used_import_rows (import_id, vin) WHERE vin <> '';

-- What a word above a column meant the last time, for each dealer; no field for a column that is not to be read.
CREATE TABLE used_import_columns (
  dealer text NOT NULL REFERENCES dealers (code),
  word   text NOT NULL CHECK (length(word) <= 100),
  field  text NOT NULL,
  PRIMARY KEY (dealer, word)
);

-- Why a car's odometer shows less than it did before, in its dealer's words. A car that lacks them is not offered: what
-- lies between is the car's mileage now and the most that was ever read under its VIN.
CREATE TABLE used_mileage_notes (
  car     text NOT NULL REFERENCES used_cars,
  at      timestamptz NOT NULL,
  km      integer NOT NULL CHECK (km >= 0),
  most_km integer NOT NULL CHECK (most_km > km),
  words   text NOT NULL CHECK (length(words) BETWEEN 10 AND 500),
  actor   text NOT NULL,
  PRIMARY KEY (car, at)
);
CREATE TRIGGER used_mileage_notes_append_only BEFORE UPDATE OR DELETE ON used_mileage_notes FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- A machine may bring cars in only where that was said when its client was made.
ALTER TABLE api_clients ADD COLUMN stock boolean NOT NULL DEFAULT false;

-- +goose Down
ALTER TABLE api_clients DROP COLUMN stock;
DROP TABLE used_mileage_notes, used_import_columns, used_import_rows, used_imports;
