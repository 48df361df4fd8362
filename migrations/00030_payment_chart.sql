-- +goose Up
SET lock_timeout = '10s';

-- The whole chart of accounts (payment/ledger.go tells what each is). Nothing is renamed: 'buyer' is the
-- buyer receivable, 'card_bank' the card clearing account, and 'seller' a sale whose VAT was not told apart,
-- which only code of before writes. So code of before and its rows stay right. NOT VALID keeps the lock short:
-- 00031 looks at the rows of before.
ALTER TABLE ledger_lines DROP CONSTRAINT ledger_lines_account_check;
ALTER TABLE ledger_lines ADD CONSTRAINT ledger_lines_account_check CHECK (account IN ('buyer', 'card_bank', 'bank', 'desk',
  'authorised', 'authorised_contra', 'dealer_payable', 'dealer_claim', 'sales', 'refunds', 'vat_payable', 'fees', 'interest', 'disputes', 'seller')) NOT VALID;

-- Whose the line is, where the account is of several: "dealer:gb-leeds-northgate", "maker:dacia".
ALTER TABLE ledger_lines ADD COLUMN party text NOT NULL DEFAULT '';
ALTER TABLE ledger_lines ADD CONSTRAINT ledger_lines_party CHECK ((party <> '') = (account IN ('dealer_payable', 'dealer_claim', 'sales', 'refunds',
  'vat_payable', 'fees', 'interest'))) NOT VALID;

ALTER TABLE ledger_postings DROP CONSTRAINT ledger_postings_kind_check;
ALTER TABLE ledger_postings ADD CONSTRAINT ledger_postings_kind_check CHECK (kind IN ('authorise', 'release', 'capture', 'refund', 'refund_failed',
  'desk', 'desk_return', 'transfer', 'transfer_return', 'dispute', 'dispute_won', 'dispute_lost', 'fee',
  'handover', 'restate', 'credit', 'value_loss', 'interest')) NOT VALID;

-- The provider's key of what may come several times for one payment: a refund, a dispute, a fee.
ALTER TABLE ledger_postings ADD COLUMN reference text NOT NULL DEFAULT '';

-- Every posting is in its order's currency.
ALTER TABLE ledger_postings DROP CONSTRAINT ledger_postings_order_id_fkey;
ALTER TABLE ledger_postings ADD CONSTRAINT ledger_postings_currency FOREIGN KEY (order_id, currency) REFERENCES orders (id, currency) NOT VALID;

-- What comes once comes once, whatever its reference; the rest once per reference. Code of before writes no
-- reference and names no index in ON CONFLICT.
DROP INDEX ledger_once_per_payment;
CREATE UNIQUE INDEX ledger_once_per_payment ON ledger_postings (payment_id, kind) WHERE payment_id IS NOT NULL
  AND kind IN ('authorise', 'release', 'capture', 'desk', 'transfer');
CREATE UNIQUE INDEX ledger_once_per_reference ON ledger_postings (payment_id, kind, reference) WHERE payment_id IS NOT NULL;
CREATE UNIQUE INDEX ledger_once_per_order ON ledger_postings (order_id, kind, reference) WHERE payment_id IS NULL;
-- All postings of an order: its balance, its story.
CREATE INDEX ledger_postings_order ON ledger_postings (order_id);

-- What the buyer of an order has paid and not got back, also after the handover. One place says which kinds
-- are the buyer's money on its way: the others only say what the money is for.
CREATE VIEW order_paid AS
  SELECT l.order_id, -sum(l.amount_minor) AS paid_minor
  FROM ledger_lines l JOIN ledger_postings k ON k.id = l.posting_id
  WHERE l.account = 'buyer' AND k.kind IN ('capture', 'refund', 'refund_failed', 'desk', 'desk_return', 'transfer', 'transfer_return', 'dispute_lost')
  GROUP BY l.order_id;

-- +goose Down
DROP VIEW order_paid;
DROP INDEX ledger_postings_order, ledger_once_per_order, ledger_once_per_reference, ledger_once_per_payment;
CREATE UNIQUE INDEX ledger_once_per_payment ON ledger_postings (payment_id, kind, reference) WHERE payment_id IS NOT NULL;
ALTER TABLE ledger_postings DROP CONSTRAINT ledger_postings_currency;
ALTER TABLE ledger_postings ADD CONSTRAINT ledger_postings_order_id_fkey FOREIGN KEY (order_id) REFERENCES orders;
-- The column stays where it is part of a key: postings can not be taken back. New rows are of the short lists.
ALTER TABLE ledger_postings DROP CONSTRAINT ledger_postings_kind_check;
ALTER TABLE ledger_postings ADD CONSTRAINT ledger_postings_kind_check CHECK (kind IN ('capture', 'refund', 'desk', 'desk_return', 'handover')) NOT VALID;
ALTER TABLE ledger_lines DROP CONSTRAINT ledger_lines_account_check, DROP CONSTRAINT ledger_lines_party, DROP COLUMN party;
ALTER TABLE ledger_lines ADD CONSTRAINT ledger_lines_account_check CHECK (account IN ('card_bank', 'desk', 'buyer', 'seller')) NOT VALID;
