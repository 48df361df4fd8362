-- +goose Up
SET lock_timeout = '10s';

-- What a dealer is paid for a car that it handed over has two accounts: what the maker spends and what it owes. Neither is
-- the buyer's money. NOT VALID keeps the lock short: 00137 looks at the rows of before.
ALTER TABLE ledger_lines DROP CONSTRAINT ledger_lines_account_check;
ALTER TABLE ledger_lines ADD CONSTRAINT ledger_lines_account_check CHECK (account IN ('buyer', 'card_bank', 'bank', 'desk',
  'authorised', 'authorised_contra', 'dealer_payable', 'dealer_claim', 'sales', 'refunds', 'vat_payable', 'fees', 'interest', 'disputes', 'seller',
  'commission', 'commission_payable', 'goodwill')) NOT VALID;
ALTER TABLE ledger_lines DROP CONSTRAINT ledger_lines_party;
ALTER TABLE ledger_lines ADD CONSTRAINT ledger_lines_party CHECK ((party <> '') = (account IN ('dealer_payable', 'dealer_claim', 'sales', 'refunds',
  'vat_payable', 'fees', 'interest', 'commission', 'commission_payable', 'goodwill'))) NOT VALID;
ALTER TABLE ledger_postings DROP CONSTRAINT ledger_postings_kind_check;
ALTER TABLE ledger_postings ADD CONSTRAINT ledger_postings_kind_check CHECK (kind IN ('authorise', 'release', 'capture', 'refund', 'refund_failed',
  'desk', 'desk_return', 'transfer', 'transfer_return', 'dispute', 'dispute_won', 'dispute_lost', 'fee',
  'handover', 'handover_undone', 'restate', 'credit', 'value_loss', 'interest', 'claim', 'dealer_change', 'commission', 'commission_settled', 'commission_back', 'goodwill')) NOT VALID;

-- The commission of each car handed over, with the rule that it is by. The rule is the same whatever way the buyer came;
-- the way is kept so that this can be seen.
CREATE TABLE commissions (
  order_id     uuid PRIMARY KEY,
  market       text NOT NULL,
  dealer       text NOT NULL, -- who handed the car over
  version      text NOT NULL,
  channel      text NOT NULL CHECK (channel IN ('online', 'dealer')),
  currency     text NOT NULL,
  net_minor    bigint NOT NULL CHECK (net_minor >= 0), -- what the rule was applied to
  amount_minor bigint NOT NULL CHECK (amount_minor > 0),
  at           timestamptz NOT NULL,
  FOREIGN KEY (order_id, market) REFERENCES orders (id, market),
  FOREIGN KEY (order_id, currency) REFERENCES orders (id, currency),
  FOREIGN KEY (dealer, market) REFERENCES dealers (code, market)
);
CREATE TRIGGER commissions_append_only BEFORE UPDATE OR DELETE ON commissions FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE INDEX commissions_dealer ON commissions (dealer, at);

-- A dealer's objection to a commission, once for each, and how it ended.
CREATE TABLE commission_objections (
  order_id      uuid PRIMARY KEY REFERENCES commissions,
  market        text NOT NULL,
  dealer        text NOT NULL,
  state         text NOT NULL CHECK (state IN ('open', 'stands', 'corrected')),
  opened_at     timestamptz NOT NULL,
  settled_at    timestamptz,
  settled_by    uuid,
  settled_minor bigint CHECK (settled_minor >= 0), -- the commission from then on
  CONSTRAINT commission_objections_settled CHECK ((state = 'open') = (settled_at IS NULL) AND (state = 'open') = (settled_by IS NULL) AND (state = 'open') = (settled_minor IS NULL))
);
CREATE INDEX commission_objections_open ON commission_objections (market, opened_at) WHERE state = 'open';

-- What both sides say about it. Never changed.
CREATE TABLE commission_words (
  order_id   uuid NOT NULL REFERENCES commission_objections,
  seq        integer NOT NULL CHECK (seq > 0),
  side       text NOT NULL CHECK (side IN ('dealer', 'maker')),
  by_user    uuid NOT NULL,
  body       text NOT NULL CHECK (length(body) BETWEEN 1 AND 1000),
  created_at timestamptz NOT NULL,
  PRIMARY KEY (order_id, seq)
);
CREATE TRIGGER commission_words_append_only BEFORE UPDATE OR DELETE ON commission_words FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- +goose Down
DROP TABLE commission_words, commission_objections, commissions;
-- Postings are append-only: those of before stay, and only new ones are refused.
ALTER TABLE ledger_postings DROP CONSTRAINT ledger_postings_kind_check;
ALTER TABLE ledger_postings ADD CONSTRAINT ledger_postings_kind_check CHECK (kind IN ('authorise', 'release', 'capture', 'refund', 'refund_failed',
  'desk', 'desk_return', 'transfer', 'transfer_return', 'dispute', 'dispute_won', 'dispute_lost', 'fee',
  'handover', 'handover_undone', 'restate', 'credit', 'value_loss', 'interest', 'claim', 'dealer_change')) NOT VALID;
ALTER TABLE ledger_lines DROP CONSTRAINT ledger_lines_party;
ALTER TABLE ledger_lines ADD CONSTRAINT ledger_lines_party CHECK ((party <> '') = (account IN ('dealer_payable', 'dealer_claim', 'sales', 'refunds',
  'vat_payable', 'fees', 'interest'))) NOT VALID;
ALTER TABLE ledger_lines DROP CONSTRAINT ledger_lines_account_check;
ALTER TABLE ledger_lines ADD CONSTRAINT ledger_lines_account_check CHECK (account IN ('buyer', 'card_bank', 'bank', 'desk',
  'authorised', 'authorised_contra', 'dealer_payable', 'dealer_claim', 'sales', 'refunds', 'vat_payable', 'fees', 'interest', 'disputes', 'seller')) NOT VALID;
