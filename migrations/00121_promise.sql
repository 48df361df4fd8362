-- +goose Up
SET lock_timeout = '10s';

-- What is promised while a dealer has an order: since when it stands where it is, by when that should end, between
-- which days the car should be ready and how surely, and by when there must be news. Old code writes none of it; a
-- sweep writes it for entries that lack it.
ALTER TABLE queue_entries
  ADD COLUMN stage_at     timestamptz,
  ADD COLUMN stage_due_at timestamptz,
  ADD COLUMN ready_from   date,
  ADD COLUMN ready_to     date,
  ADD COLUMN odds_pct     smallint,
  ADD COLUMN news_at      timestamptz,                 -- the last news that the buyer had
  ADD COLUMN news_due_at  timestamptz,                 -- when the next step of the silence is
  ADD COLUMN news_step    smallint NOT NULL DEFAULT 0, -- 1 the dealer was told of its silence, 2 the country
  ADD COLUMN news_round   integer NOT NULL DEFAULT 0,  -- counts promises: a letter about a broken one is sent once
  ADD CONSTRAINT queue_ready_span CHECK (ready_from <= ready_to AND odds_pct BETWEEN 1 AND 99);
CREATE INDEX queue_news_due ON queue_entries (news_due_at) WHERE state = 'accepted' AND news_due_at IS NOT NULL;
CREATE INDEX queue_unplanned ON queue_entries (id) WHERE state = 'accepted' AND stage_at IS NULL;

-- Every forecast that was ever shown, so that it can be scored against the day that came. Never changed.
CREATE TABLE forecasts (
  order_id   uuid NOT NULL REFERENCES orders,
  market     text NOT NULL,
  made_at    timestamptz NOT NULL,
  state      text NOT NULL,
  ready_from date NOT NULL,
  ready_to   date NOT NULL CHECK (ready_to >= ready_from),
  odds_pct   smallint NOT NULL CHECK (odds_pct BETWEEN 1 AND 99),
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  FOREIGN KEY (order_id, market) REFERENCES orders (id, market)
);
CREATE INDEX forecasts_order ON forecasts (order_id, id);
CREATE INDEX forecasts_market ON forecasts (market, made_at);
CREATE TRIGGER forecasts_append_only BEFORE UPDATE OR DELETE ON forecasts FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- Broken promises of news: who was told when, and when the silence ended.
CREATE TABLE silences (
  order_id        uuid NOT NULL REFERENCES orders,
  round           integer NOT NULL,
  market          text NOT NULL,
  dealer          text NOT NULL,
  due_at          timestamptz NOT NULL,
  dealer_told_at  timestamptz NOT NULL,
  country_told_at timestamptz,
  buyer_told_at   timestamptz,
  ended_at        timestamptz,
  PRIMARY KEY (order_id, round),
  FOREIGN KEY (order_id, market) REFERENCES orders (id, market)
);
CREATE INDEX silences_dealer ON silences (dealer, due_at);

-- The market's own desk is written to as well.
ALTER TABLE mails DROP CONSTRAINT mails_audience_check;
ALTER TABLE mails ADD CONSTRAINT mails_audience_check CHECK (audience IN ('buyer', 'dealer', 'country'));

-- +goose Down
DELETE FROM mails WHERE audience = 'country';
ALTER TABLE mails DROP CONSTRAINT mails_audience_check;
ALTER TABLE mails ADD CONSTRAINT mails_audience_check CHECK (audience IN ('buyer', 'dealer'));
DROP TABLE silences, forecasts;
DROP INDEX queue_unplanned;
DROP INDEX queue_news_due;
ALTER TABLE queue_entries DROP COLUMN stage_at, DROP COLUMN stage_due_at, DROP COLUMN ready_from, DROP COLUMN ready_to, DROP COLUMN odds_pct, DROP COLUMN news_at,
  DROP COLUMN news_due_at, DROP COLUMN news_step, DROP COLUMN news_round;
