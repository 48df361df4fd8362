-- +goose Up
SET lock_timeout = '10s';

-- What somebody wants to be told of: a search of used cars as its address says it. The address is emptied when it ends.
CREATE TABLE used_searches (
  id           uuid PRIMARY KEY,
  brand        text NOT NULL REFERENCES brands,
  market       text NOT NULL REFERENCES markets,
  locale       text NOT NULL,
  email        text NOT NULL CHECK (length(email) <= 254),
  query        text NOT NULL CHECK (length(query) <= 2000), -- in one order, without page and sort
  state        text NOT NULL CHECK (state IN ('waiting', 'on', 'paused', 'ended')), -- waiting: the address has not said yes yet
  pace         text NOT NULL CHECK (pace IN ('once', 'daily')),
  asked        smallint NOT NULL DEFAULT 1, -- how often it was asked for: each asking has its letter
  confirm_hash bytea NOT NULL UNIQUE, -- three secrets, none of which leads to another
  token_hash   bytea NOT NULL UNIQUE,
  off_hash     bytea NOT NULL UNIQUE,
  created_at   timestamptz NOT NULL,
  confirmed_at timestamptz,
  due_at       timestamptz, -- when it ends by itself
  ended_at     timestamptz,
  end_why      text CHECK (end_why IN ('deleted', 'off', 'lapsed')),
  CONSTRAINT used_searches_end CHECK ((state = 'ended') = (ended_at IS NOT NULL) AND (ended_at IS NULL) = (end_why IS NULL) AND (ended_at IS NULL) = (due_at IS NOT NULL)),
  CONSTRAINT used_searches_forgotten CHECK (state <> 'ended' OR email = '' AND query = ''),
  CONSTRAINT used_searches_yes CHECK (state NOT IN ('on', 'paused') OR confirmed_at IS NOT NULL)
);
CREATE UNIQUE INDEX used_searches_once ON used_searches (brand, market, email, query) WHERE state <> 'ended';
CREATE INDEX used_searches_email ON used_searches (email) WHERE state <> 'ended';
CREATE INDEX used_searches_on ON used_searches (brand, market) WHERE state = 'on';
CREATE INDEX used_searches_due ON used_searches (due_at) WHERE state <> 'ended';

-- A letter to the reader of one search. What happens before it is queued goes into it.
CREATE TABLE used_letters (
  id        uuid PRIMARY KEY,
  search    uuid NOT NULL REFERENCES used_searches ON DELETE CASCADE,
  due_at    timestamptz NOT NULL,
  queued_at timestamptz,
  busy_till timestamptz, -- somebody sends it; after that he is taken for dead
  sent_at   timestamptz,
  told      integer, -- how much of it was still true when it went out; 0: nothing, and it did not
  CONSTRAINT used_letters_sent CHECK ((sent_at IS NULL) = (told IS NULL) AND (sent_at IS NULL OR queued_at IS NOT NULL))
);
CREATE UNIQUE INDEX used_letters_open ON used_letters (search) WHERE queued_at IS NULL;
CREATE INDEX used_letters_due ON used_letters (due_at) WHERE queued_at IS NULL;
CREATE INDEX used_letters_search ON used_letters (search);

-- One event of a car is told once to one search: the key says so, however often it is looked at. Thousands of rows are written
-- at once: the letter, which is the search's, and the event, which is the car's, vouch for both.
CREATE TABLE used_alerts (
  search      uuid NOT NULL,
  car         text NOT NULL,
  event       text NOT NULL, -- m and the number of its step, p and the instant of its price in microseconds
  kind        text NOT NULL CHECK (kind IN ('new', 'drop', 'back')),
  price_minor bigint NOT NULL,
  at          timestamptz NOT NULL,
  letter      uuid NOT NULL REFERENCES used_letters ON DELETE CASCADE,
  PRIMARY KEY (search, car, event)
);
CREATE INDEX used_alerts_letter ON used_alerts (letter);

-- By which transaction a step or a price was written: who reads them in order takes those below every transaction that still
-- runs, and so loses none. The default is the same for all rows that are there and is no rewrite of the table.
ALTER TABLE used_moves ADD COLUMN changed xid8 NOT NULL DEFAULT pg_current_xact_id();
ALTER TABLE used_prices ADD COLUMN changed xid8 NOT NULL DEFAULT pg_current_xact_id();
CREATE INDEX used_moves_changed ON used_moves (changed) WHERE to_state = 'listed';
CREATE INDEX used_prices_changed ON used_prices (changed);

-- Up to where alerts were looked for: one row, locked by who looks.
CREATE TABLE used_alerts_read (
  one    boolean PRIMARY KEY DEFAULT true CHECK (one),
  upto   xid8 NOT NULL, -- every transaction before it was read
  car    text NOT NULL DEFAULT '', -- and of it, where it was too much for one go, so much
  source text NOT NULL DEFAULT '',
  n      bigint NOT NULL DEFAULT 0
);
INSERT INTO used_alerts_read (upto) VALUES (pg_current_xact_id());

-- +goose Down
DROP TABLE used_alerts_read, used_alerts, used_letters, used_searches;
ALTER TABLE used_prices DROP COLUMN changed;
ALTER TABLE used_moves DROP COLUMN changed;
