-- +goose Up
SET lock_timeout = '10s';

CREATE TABLE brands (
  code text PRIMARY KEY CHECK (code ~ '^[a-z0-9-]{2,24}$'),
  doc  jsonb NOT NULL
);

-- doc is the whole dated description of a market, checked strictly by the import and read as one.
CREATE TABLE markets (
  code     text PRIMARY KEY CHECK (code ~ '^[a-z]{2}$'),
  currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
  doc      jsonb NOT NULL,
  UNIQUE (code, currency) -- so that an order's currency can be tied to its market
);

-- The pilot switch of a brand's flow in a market. version counts changes, so that two managers who
-- press at once do not overwrite one another.
CREATE TABLE switches (
  brand      text NOT NULL REFERENCES brands,
  market     text NOT NULL REFERENCES markets,
  flow       text NOT NULL CHECK (flow IN ('new', 'used', 'service')),
  state      text NOT NULL CHECK (state IN ('off', 'preview', 'live', 'paused')),
  reason     text NOT NULL DEFAULT '',
  changed_by text NOT NULL DEFAULT '',
  changed_at timestamptz NOT NULL,
  version    bigint NOT NULL DEFAULT 1,
  PRIMARY KEY (brand, market, flow)
);

-- One row: counts up with every change of reference data or switches, so that instances know
-- what they cached is old even when they missed the notification.
CREATE TABLE world_version (
  one     boolean PRIMARY KEY DEFAULT true CHECK (one),
  version bigint NOT NULL,
  digest  text NOT NULL DEFAULT '' -- of the imported files: an unchanged world is not loaded again
);
INSERT INTO world_version (version) VALUES (1);

CREATE TABLE dealers (
  code   text PRIMARY KEY CHECK (code ~ '^[a-z0-9-]{4,48}$'),
  market text NOT NULL REFERENCES markets,
  doc    jsonb NOT NULL,
  UNIQUE (code, market) -- target of the composite keys: no order points to another market's dealer
);
CREATE INDEX dealers_market ON dealers (market);

CREATE TABLE places (
  market text NOT NULL REFERENCES markets,
  kind   text NOT NULL CHECK (kind IN ('town', 'area')),
  name   text NOT NULL,
  lat    double precision NOT NULL,
  lon    double precision NOT NULL,
  PRIMARY KEY (market, kind, name)
);

CREATE TABLE ranges (
  brand text NOT NULL REFERENCES brands,
  model text NOT NULL CHECK (model ~ '^[a-z0-9-]{2,32}$'),
  doc   jsonb NOT NULL,
  PRIMARY KEY (brand, model)
);

-- +goose Down
DROP TABLE ranges, places, dealers, world_version, switches, markets, brands;
