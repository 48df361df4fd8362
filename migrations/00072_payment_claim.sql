-- +goose Up
SET lock_timeout = '10s';

-- Money that comes after the handover makes a claim of its own between dealer, seller and us. NOT VALID keeps the
-- lock short: 00073 looks at the rows of before.
ALTER TABLE ledger_postings DROP CONSTRAINT ledger_postings_kind_check;
ALTER TABLE ledger_postings ADD CONSTRAINT ledger_postings_kind_check CHECK (kind IN ('authorise', 'release', 'capture', 'refund', 'refund_failed',
  'desk', 'desk_return', 'transfer', 'transfer_return', 'dispute', 'dispute_won', 'dispute_lost', 'fee',
  'handover', 'restate', 'claim', 'credit', 'value_loss', 'interest')) NOT VALID;

-- +goose Down
-- Postings can not be taken back: those of before stay, new ones are of the short list.
ALTER TABLE ledger_postings DROP CONSTRAINT ledger_postings_kind_check;
ALTER TABLE ledger_postings ADD CONSTRAINT ledger_postings_kind_check CHECK (kind IN ('authorise', 'release', 'capture', 'refund', 'refund_failed',
  'desk', 'desk_return', 'transfer', 'transfer_return', 'dispute', 'dispute_won', 'dispute_lost', 'fee',
  'handover', 'restate', 'credit', 'value_loss', 'interest')) NOT VALID;
