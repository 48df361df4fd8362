-- +goose Up
SET lock_timeout = '10s';

-- The steps that a silent dealer sees one after the other: the last one made, and when the next is due. Old code makes
-- no steps: it leaves both as they are.
ALTER TABLE queue_entries ADD COLUMN rung text NOT NULL DEFAULT '';
ALTER TABLE queue_entries ADD CONSTRAINT queue_rung_known CHECK (rung IN ('', 'remind', 'site', 'country')) NOT VALID;
ALTER TABLE queue_entries ADD COLUMN rung_due timestamptz;
CREATE INDEX queue_rung ON queue_entries (rung_due) WHERE state = 'offered' AND rung_due IS NOT NULL;

-- The dealer's clock: opening hours used up before clock_from, and those since. Empty while nothing stopped it: then it
-- runs since the offer.
ALTER TABLE queue_entries ADD COLUMN clock_from timestamptz;
ALTER TABLE queue_entries ADD COLUMN clock_used integer NOT NULL DEFAULT 0; -- seconds

-- A dealer's question to the buyer before it answers, once for each offer. It stops the dealer's clock until the buyer
-- answers, or until ends_at. People write here: it goes with the buyer's data.
CREATE TABLE queue_questions (
  entry_id    uuid PRIMARY KEY REFERENCES queue_entries,
  order_id    uuid NOT NULL,
  market      text NOT NULL,
  dealer      text NOT NULL,
  question    text NOT NULL CHECK (length(question) BETWEEN 1 AND 500),
  asked_at    timestamptz NOT NULL,
  asked_by    text NOT NULL,
  ends_at     timestamptz NOT NULL,
  answer      text NOT NULL DEFAULT '' CHECK (length(answer) <= 500),
  answered_at timestamptz,
  FOREIGN KEY (order_id, market) REFERENCES orders (id, market),
  CONSTRAINT queue_questions_answered CHECK ((answer <> '') = (answered_at IS NOT NULL))
);
CREATE INDEX queue_questions_order ON queue_questions (order_id);

-- +goose Down
DROP TABLE queue_questions;
DROP INDEX queue_rung;
ALTER TABLE queue_entries DROP COLUMN clock_used, DROP COLUMN clock_from, DROP COLUMN rung_due, DROP COLUMN rung;
