-- +goose Up
SET lock_timeout = '10s';

-- May wait: without the list nobody is on it, and everything else works.
--
-- The processes that work with this database, each telling every few seconds that it lives and how it does. All times are
-- the database's own, which all processes share: a demo's clock may be turned. One that stops in order takes its row
-- along; the row of one that was killed falls silent, and that is what the head office sees.
CREATE TABLE instances (
  id         text PRIMARY KEY CHECK (id <> ''),
  role       text NOT NULL CHECK (role <> ''),        -- serve, worker, demo
  host       text NOT NULL,
  version    text NOT NULL,                           -- of the build; empty when the build does not tell
  schema     bigint NOT NULL,                         -- the newest migration that this build knows
  started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  seen_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
  figures    jsonb NOT NULL DEFAULT '{}'              -- counts and times by name; no parameters, no personal data
) WITH (fillfactor = 50);                             -- rows are rewritten all the time, in their own page

-- +goose Down
DROP TABLE instances;
