-- +goose Up
SET lock_timeout = '10s';

-- A slip is put right by a step of its own, where the order stands: a VIN or a plate once the car has one, a payment at a
-- desk as long as dealers take money.
INSERT INTO order_edges (flow, from_state, event, to_state) VALUES
  ('new', 'in_transit', 'correct_car', 'in_transit'), ('new', 'arrived', 'correct_car', 'arrived'), ('new', 'prepared', 'correct_car', 'prepared'),
  ('new', 'ready', 'correct_car', 'ready'), ('new', 'handed_over', 'correct_car', 'handed_over'),
  ('new', 'accepted', 'correct_payment', 'accepted'), ('new', 'ordered', 'correct_payment', 'ordered'), ('new', 'built', 'correct_payment', 'built'),
  ('new', 'in_transit', 'correct_payment', 'in_transit'), ('new', 'arrived', 'correct_payment', 'arrived'), ('new', 'prepared', 'correct_payment', 'prepared'),
  ('new', 'ready', 'correct_payment', 'ready'), ('new', 'handed_over', 'correct_payment', 'handed_over');

-- What was put right: what stood there, what stands there now, who says so, why, and what shows it. Kept as long as the
-- books, with which it belongs.
CREATE TABLE corrections (
  order_id   uuid NOT NULL,
  seq        integer NOT NULL,  -- of the step in the order's history
  market     text NOT NULL,
  kind       text NOT NULL CHECK (kind IN ('car', 'payment')),
  reason     text NOT NULL CHECK (reason IN ('mistyped', 'mixed_up', 'twice', 'not_received')),
  proof      text NOT NULL CHECK (length(proof) BETWEEN 1 AND 200),
  vin_was    text NOT NULL DEFAULT '',
  vin_now    text NOT NULL DEFAULT '',
  plate_was  text NOT NULL DEFAULT '',
  plate_now  text NOT NULL DEFAULT '',
  payment_id uuid,              -- the payment that was recorded wrongly, and is struck out
  recorded   uuid,              -- as what it stands now; null when nothing was taken
  currency   text,
  was_minor  bigint,
  now_minor  bigint,
  ref_was    text NOT NULL DEFAULT '',
  ref_now    text NOT NULL DEFAULT '',
  by_user    text NOT NULL CHECK (by_user <> ''),
  at         timestamptz NOT NULL,
  PRIMARY KEY (order_id, seq),
  FOREIGN KEY (order_id, seq) REFERENCES order_history (order_id, seq),
  FOREIGN KEY (order_id, market) REFERENCES orders (id, market),
  FOREIGN KEY (order_id, currency) REFERENCES orders (id, currency),
  FOREIGN KEY (payment_id, order_id) REFERENCES payments (id, order_id),
  FOREIGN KEY (recorded, order_id) REFERENCES payments (id, order_id),
  CONSTRAINT corrections_whole CHECK (CASE kind
    WHEN 'car' THEN (vin_was, plate_was) <> (vin_now, plate_now) AND vin_now <> '' AND payment_id IS NULL AND recorded IS NULL AND was_minor IS NULL AND now_minor IS NULL
    ELSE payment_id IS NOT NULL AND currency IS NOT NULL AND was_minor > 0 AND now_minor >= 0 AND (now_minor > 0) = (recorded IS NOT NULL) AND vin_now = '' END)
);
-- A payment is struck out once.
CREATE UNIQUE INDEX corrections_once ON corrections (payment_id) WHERE payment_id IS NOT NULL;
CREATE TRIGGER corrections_append_only BEFORE UPDATE OR DELETE ON corrections FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- A payment at a desk that was never so: final, and in the ledger evened out. NOT VALID keeps the locks short: 00166 looks
-- at the rows of before.
ALTER TABLE payments DROP CONSTRAINT payments_state_check, DROP CONSTRAINT payments_watched;
ALTER TABLE payments ADD CONSTRAINT payments_state_check CHECK (state IN ('opening', 'open', 'authorised', 'capturing', 'captured', 'returning', 'voided', 'refunded', 'expired', 'lost', 'struck')) NOT VALID,
  ADD CONSTRAINT payments_watched CHECK (due_at IS NOT NULL OR state IN ('captured', 'voided', 'refunded', 'expired', 'lost', 'struck')) NOT VALID,
  ADD CONSTRAINT payments_struck_at_desk CHECK (state <> 'struck' OR account = 'desk' AND part_minor = 0) NOT VALID;
ALTER TABLE payment_history DROP CONSTRAINT payment_history_what_check;
ALTER TABLE payment_history ADD CONSTRAINT payment_history_what_check CHECK (what IN ('opening', 'open', 'authorised', 'capturing', 'captured', 'returning', 'voided', 'refunded', 'expired', 'lost', 'struck',
  'declined', 'asked', 'refund_pending', 'refund_sent', 'refund_failed', 'inquiry', 'disputed', 'dispute_answered', 'dispute_won', 'dispute_lost', 'inquiry_closed',
  'part_due', 'part_sent', 'part_failed')) NOT VALID;
ALTER TABLE ledger_postings DROP CONSTRAINT ledger_postings_kind_check;
ALTER TABLE ledger_postings ADD CONSTRAINT ledger_postings_kind_check CHECK (kind IN ('authorise', 'release', 'capture', 'refund', 'refund_failed',
  'desk', 'desk_return', 'desk_struck', 'transfer', 'transfer_return', 'dispute', 'dispute_won', 'dispute_lost', 'fee',
  'handover', 'handover_undone', 'restate', 'credit', 'value_loss', 'interest', 'claim', 'dealer_change', 'commission', 'commission_settled', 'commission_back', 'goodwill')) NOT VALID;
-- Few beside the others, and looked at every minute.
CREATE INDEX payments_struck ON payments (id) WHERE state = 'struck';
CREATE INDEX ledger_postings_struck ON ledger_postings (payment_id) WHERE kind = 'desk_struck';
CREATE OR REPLACE VIEW order_paid AS
  SELECT l.order_id, -sum(l.amount_minor) AS paid_minor
  FROM ledger_lines l JOIN ledger_postings k ON k.id = l.posting_id
  WHERE l.account = 'buyer' AND k.kind IN ('capture', 'refund', 'refund_failed', 'desk', 'desk_return', 'desk_struck', 'transfer', 'transfer_return', 'dispute_lost')
  GROUP BY l.order_id;

-- A correction after the handover that leaves money open needs the day by which it is to come, like any rest.
ALTER TABLE deferrals DROP CONSTRAINT deferrals_reason_check;
ALTER TABLE deferrals ADD CONSTRAINT deferrals_reason_check CHECK (reason IN ('transfer', 'finance', 'trade_in', 'goodwill', 'correction')) NOT VALID;

-- Dealers' own systems know a car by its VIN: they are told of another one.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION tell_hooks_of_step() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  who text;
BEGIN
  IF NOT EXISTS (SELECT FROM hook_addresses WHERE state <> 'ended') THEN
    RETURN NULL;
  END IF;
  SELECT q.dealer INTO who FROM queue_entries q WHERE q.order_id = NEW.order_id AND q.state IN ('offered', 'accepted', 'done') ORDER BY q.round DESC LIMIT 1;
  IF who IS NULL THEN
    RETURN NULL;
  END IF;
  PERFORM tell_hooks(NEW.order_id, who, CASE NEW.event WHEN 'release' THEN 'order.ready' WHEN 'hand_over' THEN 'order.handed_over' WHEN 'withdraw' THEN 'order.returning'
    WHEN 'take_back' THEN 'order.returned' WHEN 'change' THEN 'order.changed' WHEN 'correct_car' THEN 'order.changed' ELSE 'order.stage_changed' END, NEW.at, NEW.to_state);
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE CONSTRAINT TRIGGER order_history_corrected AFTER INSERT ON order_history DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN (NEW.event = 'correct_car') EXECUTE FUNCTION tell_hooks_of_step();

-- +goose Down
DROP TRIGGER order_history_corrected ON order_history;
-- Steps, postings, payments and words that were written stay, with what lets them be: only new ones are refused. The view
-- goes on counting them, and the function goes on knowing the step that nobody makes any more.
ALTER TABLE deferrals DROP CONSTRAINT deferrals_reason_check;
ALTER TABLE deferrals ADD CONSTRAINT deferrals_reason_check CHECK (reason IN ('transfer', 'finance', 'trade_in', 'goodwill')) NOT VALID;
ALTER TABLE ledger_postings DROP CONSTRAINT ledger_postings_kind_check;
ALTER TABLE ledger_postings ADD CONSTRAINT ledger_postings_kind_check CHECK (kind IN ('authorise', 'release', 'capture', 'refund', 'refund_failed',
  'desk', 'desk_return', 'transfer', 'transfer_return', 'dispute', 'dispute_won', 'dispute_lost', 'fee',
  'handover', 'handover_undone', 'restate', 'credit', 'value_loss', 'interest', 'claim', 'dealer_change', 'commission', 'commission_settled', 'commission_back', 'goodwill')) NOT VALID;
ALTER TABLE payment_history DROP CONSTRAINT payment_history_what_check;
ALTER TABLE payment_history ADD CONSTRAINT payment_history_what_check CHECK (what IN ('opening', 'open', 'authorised', 'capturing', 'captured', 'returning', 'voided', 'refunded', 'expired', 'lost',
  'declined', 'asked', 'refund_pending', 'refund_sent', 'refund_failed', 'inquiry', 'disputed', 'dispute_answered', 'dispute_won', 'dispute_lost', 'inquiry_closed',
  'part_due', 'part_sent', 'part_failed')) NOT VALID;
ALTER TABLE payments DROP CONSTRAINT payments_struck_at_desk, DROP CONSTRAINT payments_watched, DROP CONSTRAINT payments_state_check;
ALTER TABLE payments ADD CONSTRAINT payments_state_check CHECK (state IN ('opening', 'open', 'authorised', 'capturing', 'captured', 'returning', 'voided', 'refunded', 'expired', 'lost')) NOT VALID,
  ADD CONSTRAINT payments_watched CHECK (due_at IS NOT NULL OR state IN ('captured', 'voided', 'refunded', 'expired', 'lost')) NOT VALID;
DROP INDEX ledger_postings_struck, payments_struck;
DROP TABLE corrections;
DELETE FROM order_edges e WHERE flow = 'new' AND event IN ('correct_car', 'correct_payment') AND NOT EXISTS (SELECT FROM order_history h WHERE h.event = e.event);
