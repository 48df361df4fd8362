-- +goose Up
SET lock_timeout = '10s';

-- A change of dealer that the country's office orders is the same question, put to the buyer first: "proposed" waits for
-- his word, and only with his yes the other dealer is asked. Instances of before neither show nor answer what is proposed.
ALTER TABLE order_requests
  ADD COLUMN ordered_by text NOT NULL DEFAULT '', -- who of the office ordered it; empty for a buyer's own question
  ADD COLUMN cause      text NOT NULL DEFAULT '', -- why the dealer who has the order shall not keep it
  ADD COLUMN agreed_at  timestamptz;              -- when the buyer said yes to what was ordered

-- NOT VALID keeps the locks short: 00161 looks at the rows of before.
ALTER TABLE order_requests DROP CONSTRAINT order_requests_state_check;
ALTER TABLE order_requests ADD CONSTRAINT order_requests_state_check CHECK (state IN ('proposed', 'asked', 'accepted', 'declined', 'expired', 'withdrawn', 'overtaken')) NOT VALID;
ALTER TABLE order_requests DROP CONSTRAINT order_requests_answered;
ALTER TABLE order_requests ADD CONSTRAINT order_requests_answered CHECK ((state IN ('proposed', 'asked')) = (answered_at IS NULL)) NOT VALID;
-- Nobody is asked, and nothing moves, on the office's word alone.
ALTER TABLE order_requests ADD CONSTRAINT order_requests_ordered CHECK ((ordered_by = '') = (cause = '') AND (ordered_by = '' OR kind = 'dealer')
  AND (state <> 'proposed' OR ordered_by <> '') AND (ordered_by <> '' OR agreed_at IS NULL)
  AND (ordered_by = '' OR state NOT IN ('asked', 'accepted', 'declined', 'expired') OR agreed_at IS NOT NULL)) NOT VALID;

-- Still one question at a time, under the name by which a second one is refused.
CREATE UNIQUE INDEX order_requests_one_open ON order_requests (order_id) WHERE state IN ('proposed', 'asked');
DROP INDEX order_requests_one_asked;
ALTER INDEX order_requests_one_open RENAME TO order_requests_one_asked;
CREATE INDEX order_requests_proposed_due ON order_requests (due_at) WHERE state = 'proposed';

-- +goose Down
UPDATE order_requests SET state = 'withdrawn', answered_at = asked_at, reason = 'order_over' WHERE state = 'proposed';
DROP INDEX order_requests_proposed_due;
CREATE UNIQUE INDEX order_requests_one_open ON order_requests (order_id) WHERE state = 'asked';
DROP INDEX order_requests_one_asked;
ALTER INDEX order_requests_one_open RENAME TO order_requests_one_asked;
ALTER TABLE order_requests DROP CONSTRAINT order_requests_ordered;
ALTER TABLE order_requests DROP CONSTRAINT order_requests_answered;
ALTER TABLE order_requests ADD CONSTRAINT order_requests_answered CHECK ((state = 'asked') = (answered_at IS NULL)) NOT VALID;
ALTER TABLE order_requests DROP CONSTRAINT order_requests_state_check;
ALTER TABLE order_requests ADD CONSTRAINT order_requests_state_check CHECK (state IN ('asked', 'accepted', 'declined', 'expired', 'withdrawn', 'overtaken')) NOT VALID;
ALTER TABLE order_requests DROP COLUMN ordered_by, DROP COLUMN cause, DROP COLUMN agreed_at;
