-- +goose Up
SET lock_timeout = '10s';

-- What was handed over beside the car, and how each side confirmed it. Code of before writes none of it: no keys counted,
-- no code, nothing confirmed by the buyer. round tells the handovers of an order apart, because one may be undone.
ALTER TABLE handovers
  ADD COLUMN round        smallint NOT NULL DEFAULT 1 CHECK (round > 0),
  ADD COLUMN keys         smallint NOT NULL DEFAULT 0 CHECK (keys BETWEEN 0 AND 9), -- 0: not counted
  ADD COLUMN papers       text[] NOT NULL DEFAULT '{}',
  ADD COLUMN faults       text[] NOT NULL DEFAULT '{}',
  ADD COLUMN code         text CHECK (code ~ '^[2-9A-HJ-NP-Z]{6}$'), -- the dealer's, which the buyer confirms
  ADD COLUMN confirmed_at timestamptz,
  ADD COLUMN confirmed    text CHECK (confirmed IN ('code', 'paper')), -- how the buyer did
  ADD COLUMN confirmed_by text NOT NULL DEFAULT '';                    -- "buyer", or the user id of who saw the signature
ALTER TABLE handovers ADD CONSTRAINT handovers_confirmed CHECK ((confirmed_at IS NULL) = (confirmed IS NULL) AND (confirmed_at IS NULL) = (confirmed_by = ''));

-- A handover that was undone, as it was, with who undid it and why.
CREATE TABLE handovers_undone (
  order_id     uuid NOT NULL REFERENCES orders,
  round        smallint NOT NULL CHECK (round > 0),
  at           timestamptz NOT NULL,
  by_user      text NOT NULL,
  checks       text[] NOT NULL,
  odometer_km  integer NOT NULL,
  keys         smallint NOT NULL,
  papers       text[] NOT NULL,
  faults       text[] NOT NULL,
  confirmed_at timestamptz,
  confirmed    text,
  undone_at    timestamptz NOT NULL,
  undone_by    text NOT NULL,
  reason       text NOT NULL CHECK (reason <> ''),
  PRIMARY KEY (order_id, round),
  CONSTRAINT handovers_undone_later CHECK (undone_at >= at)
);
CREATE TRIGGER handovers_undone_append_only BEFORE UPDATE OR DELETE ON handovers_undone FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- Pictures of a handover: drawn anew by us, so that nothing is in them but what is seen.
CREATE TABLE handover_photos (
  order_id uuid NOT NULL REFERENCES orders,
  round    smallint NOT NULL,
  seq      smallint NOT NULL CHECK (seq BETWEEN 1 AND 9),
  jpeg     bytea NOT NULL CHECK (length(jpeg) <= 2000000),
  width    integer NOT NULL,
  height   integer NOT NULL,
  sha256   text NOT NULL, -- as the record names it
  PRIMARY KEY (order_id, round, seq),
  CONSTRAINT handover_photos_hash CHECK (sha256 = encode(sha256(jpeg), 'hex'))
);

-- Drafts of a handover that were taken: a phone that comes back to the net may send one again. Only a hash is kept.
CREATE TABLE handover_drafts (
  hash     bytea PRIMARY KEY CHECK (octet_length(hash) = 32),
  order_id uuid NOT NULL REFERENCES orders,
  taken_at timestamptz NOT NULL
);
CREATE INDEX handover_drafts_age ON handover_drafts (taken_at);

-- A dealer may take a handover back within minutes: the order is ready again.
INSERT INTO order_edges (flow, from_state, event, to_state) VALUES ('new', 'handed_over', 'undo', 'ready');

ALTER TABLE allocation_receipts DROP CONSTRAINT allocation_receipts_event_check;
ALTER TABLE allocation_receipts ADD CONSTRAINT allocation_receipts_event_check CHECK (event IN ('offer', 'accept', 'decline', 'expire', 'withdraw', 'pass_on',
  'hand_over', 'undo', 'ask_buyer', 'remind', 'site', 'country', 'question', 'answer')) NOT VALID;

-- The sale taken back with it, in the ledger.
ALTER TABLE ledger_postings DROP CONSTRAINT ledger_postings_kind_check;
ALTER TABLE ledger_postings ADD CONSTRAINT ledger_postings_kind_check CHECK (kind IN ('authorise', 'release', 'capture', 'refund', 'refund_failed',
  'desk', 'desk_return', 'transfer', 'transfer_return', 'dispute', 'dispute_won', 'dispute_lost', 'fee',
  'handover', 'handover_undone', 'restate', 'credit', 'value_loss', 'interest', 'claim', 'dealer_change')) NOT VALID;
-- An order may be sold again after a handover that was undone. ledger_once_per_order lets each reference in once, and the
-- first sale, as code of before writes it, has none.
DROP INDEX ledger_once_per_handover;

-- +goose Down
-- The index of before stays away: postings are append-only, and an order may have two.
-- Receipts, postings and steps are append-only: those of an undone handover stay, and only new ones are refused.
ALTER TABLE ledger_postings DROP CONSTRAINT ledger_postings_kind_check;
ALTER TABLE ledger_postings ADD CONSTRAINT ledger_postings_kind_check CHECK (kind IN ('authorise', 'release', 'capture', 'refund', 'refund_failed',
  'desk', 'desk_return', 'transfer', 'transfer_return', 'dispute', 'dispute_won', 'dispute_lost', 'fee',
  'handover', 'restate', 'credit', 'value_loss', 'interest', 'claim', 'dealer_change')) NOT VALID;
ALTER TABLE allocation_receipts DROP CONSTRAINT allocation_receipts_event_check;
ALTER TABLE allocation_receipts ADD CONSTRAINT allocation_receipts_event_check CHECK (event IN ('offer', 'accept', 'decline', 'expire', 'withdraw', 'pass_on',
  'hand_over', 'ask_buyer', 'remind', 'site', 'country', 'question', 'answer')) NOT VALID;
DELETE FROM order_edges e WHERE flow = 'new' AND event = 'undo' AND NOT EXISTS (SELECT FROM order_history h WHERE h.event = 'undo');
DROP TABLE handover_drafts, handover_photos, handovers_undone;
ALTER TABLE handovers DROP CONSTRAINT handovers_confirmed, DROP COLUMN confirmed_by, DROP COLUMN confirmed, DROP COLUMN confirmed_at,
  DROP COLUMN code, DROP COLUMN faults, DROP COLUMN papers, DROP COLUMN keys, DROP COLUMN round;
