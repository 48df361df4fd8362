-- +goose Up
SET lock_timeout = '10s';

-- A range compiled for a market, from a day on, as the shop serves it. It is found by its signature,
-- so a row that is older than its range is never served; it is missed, and the range compiled anew.
CREATE TABLE range_editions (
  brand        text NOT NULL,
  model        text NOT NULL,
  market       text NOT NULL REFERENCES markets,
  from_date    date NOT NULL,
  signature    text NOT NULL CHECK (signature <> ''), -- of the features and rules, not of prices
  diagram      bytea NOT NULL,                        -- ends with the SHA-256 of what stands before
  report       jsonb NOT NULL,
  range_digest text NOT NULL,                         -- md5 of the range's row that it was made from
  published_at timestamptz NOT NULL,
  published_by text NOT NULL,
  PRIMARY KEY (brand, model, market, from_date),
  -- Old code replaces all ranges when it imports; what was compiled from them goes with them.
  FOREIGN KEY (brand, model) REFERENCES ranges ON DELETE CASCADE
);

-- Every range that ever was live, so that one can go back. It outlives the model.
CREATE TABLE range_publications (
  id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  brand        text NOT NULL REFERENCES brands,
  model        text NOT NULL,
  published_at timestamptz NOT NULL,
  published_by text NOT NULL, -- "import", "command" or "staff:<user id>"
  note         text NOT NULL DEFAULT '' CHECK (length(note) <= 500),
  doc          jsonb NOT NULL
);
CREATE INDEX range_publications_model ON range_publications (brand, model, id DESC);
CREATE TRIGGER range_publications_append_only BEFORE UPDATE OR DELETE ON range_publications FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- Range files that somebody tries before they go live.
CREATE TABLE range_drafts (
  id      uuid PRIMARY KEY,
  brand   text NOT NULL REFERENCES brands,
  model   text NOT NULL,
  file    text NOT NULL CHECK (length(file) <= 2097152),
  made_by text NOT NULL,
  made_at timestamptz NOT NULL,
  report  jsonb NOT NULL -- per market, and the order in which it was compiled
);
CREATE INDEX range_drafts_model ON range_drafts (brand, model, made_at DESC);

-- What cannot be ordered for some time, without touching the range: no car with it is sold.
CREATE TABLE range_holds (
  brand      text NOT NULL REFERENCES brands,
  market     text NOT NULL REFERENCES markets,
  model      text NOT NULL,
  feature    text NOT NULL,
  until      date, -- last day; null when nobody knows
  reason     text NOT NULL CHECK (reason ~ '^[a-z_]{2,32}$'), -- words are in the catalogues
  changed_by text NOT NULL,
  changed_at timestamptz NOT NULL,
  PRIMARY KEY (brand, market, model, feature)
);

-- Counts what changes ranges, markets or dealers. A publication leaves the files' digest alone, so
-- that the next start with the same files does not undo it.
ALTER TABLE world_version ADD COLUMN static_version bigint NOT NULL DEFAULT 0;

-- SHA-256 of the file that a range was imported from: a publication stays until that file changes.
ALTER TABLE ranges ADD COLUMN source text NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE ranges DROP COLUMN source;
ALTER TABLE world_version DROP COLUMN static_version;
DROP TABLE range_holds, range_drafts, range_publications, range_editions;
