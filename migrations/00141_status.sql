-- +goose Up
SET lock_timeout = '10s';

-- What the maker or a dealer's system reported of a car: one row for each VIN, stage and day. Never changed; a report that
-- corrects another day is a row of its own.
CREATE TABLE vehicle_reports (
  order_id   uuid NOT NULL,
  market     text NOT NULL,
  vin        text NOT NULL CHECK (length(vin) = 17),
  stage      text NOT NULL CHECK (stage IN ('ordered', 'built', 'in_transit', 'arrived')),
  on_day     date NOT NULL,
  correction boolean NOT NULL,
  actor      text NOT NULL,
  at         timestamptz NOT NULL,
  PRIMARY KEY (order_id, stage, on_day, vin),
  FOREIGN KEY (order_id, market) REFERENCES orders (id, market)
);
CREATE TRIGGER vehicle_reports_append_only BEFORE UPDATE OR DELETE ON vehicle_reports FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- A file of reports: first looked at, then carried out when its sender says so. Its rows are forgotten after 30 days.
CREATE TABLE status_imports (
  id         uuid PRIMARY KEY,
  dealer     text REFERENCES dealers (code),  -- whose orders alone it may be about; null: those of the markets
  markets    text[] NOT NULL,
  actor      text NOT NULL,
  name       text NOT NULL CHECK (length(name) <= 100),
  state      text NOT NULL CHECK (state IN ('checking', 'checked', 'applying', 'done')),
  rows       integer NOT NULL CHECK (rows BETWEEN 1 AND 50000),
  created_at timestamptz NOT NULL,
  changed_at timestamptz NOT NULL,
  CONSTRAINT status_imports_scope CHECK ((dealer IS NULL) = (cardinality(markets) > 0))
);
CREATE INDEX status_imports_actor ON status_imports (actor, created_at DESC);
CREATE INDEX status_imports_dealer ON status_imports (dealer, created_at DESC);
CREATE INDEX status_imports_open ON status_imports (id) WHERE state IN ('checking', 'applying');

CREATE TABLE status_import_rows (
  import_id  uuid NOT NULL REFERENCES status_imports ON DELETE CASCADE,
  line       integer NOT NULL,
  vin        text NOT NULL,
  stage      text NOT NULL,
  rank       smallint NOT NULL,               -- of the stage on the way
  on_day     text NOT NULL,
  number     text NOT NULL,
  correction boolean NOT NULL,
  outcome    text NOT NULL DEFAULT '' CHECK (outcome IN ('', 'move', 'note', 'same', 'correct', 'reject')),
  why        text NOT NULL DEFAULT '',
  PRIMARY KEY (import_id, line)
);
CREATE INDEX status_import_rows_open ON status_import_rows (import_id, on_day, rank, line) WHERE outcome = '';

-- What a machine may do beside reading its orders: nothing, unless it was said when the client was made.
ALTER TABLE api_clients ADD COLUMN reports boolean NOT NULL DEFAULT false;

-- +goose Down
ALTER TABLE api_clients DROP COLUMN reports;
DROP TABLE status_import_rows, status_imports, vehicle_reports;
