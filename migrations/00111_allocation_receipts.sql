-- +goose Up
SET lock_timeout = '10s';

-- Who was asked and why, who answered what: one row for each step of an order through the dealers' queues, written with
-- the step. body is canonical JSON (keys in order, no blanks), kept as text because its bytes are hashed; it holds ids
-- and figures, no person. Each hash is over the one before and the body, so that no row can be changed or taken out
-- unseen.
CREATE TABLE allocation_receipts (
  order_id uuid NOT NULL,
  market   text NOT NULL,
  seq      integer NOT NULL CHECK (seq > 0),
  at       timestamptz NOT NULL,
  event    text NOT NULL CHECK (event IN ('offer', 'accept', 'decline', 'expire', 'withdraw', 'pass_on', 'hand_over', 'ask_buyer',
    'remind', 'site', 'country', 'question', 'answer')),
  round    integer NOT NULL CHECK (round >= 0),
  body     text NOT NULL,
  prev     bytea NOT NULL,
  hash     bytea NOT NULL CHECK (octet_length(hash) = 32),
  PRIMARY KEY (order_id, seq),
  FOREIGN KEY (order_id, market) REFERENCES orders (id, market),
  CONSTRAINT receipts_first CHECK ((seq = 1) = (prev = ''))
);
CREATE TRIGGER allocation_receipts_append_only BEFORE UPDATE OR DELETE ON allocation_receipts FOR EACH ROW EXECUTE FUNCTION refuse_change();
-- The doctor looks at the rows of the last days every minute; they lie together.
CREATE INDEX allocation_receipts_at ON allocation_receipts USING brin (at);

-- Entries whose steps all have their receipts. Those of before, or of code of before, have none and are not asked for them.
ALTER TABLE queue_entries ADD COLUMN receipted boolean NOT NULL DEFAULT false;

-- +goose Down
ALTER TABLE queue_entries DROP COLUMN receipted;
DROP TABLE allocation_receipts;
