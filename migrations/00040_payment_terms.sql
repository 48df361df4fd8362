-- +goose Up
SET lock_timeout = '10s';

-- A market's terms say whether a card is only authorised until a dealer accepts. It is stored before the
-- bank is asked, so that a retry under the same key asks for the same. What was opened before was.
ALTER TABLE payments ADD COLUMN manual boolean NOT NULL DEFAULT true;

-- A buyer may pay a part of the balance (top_up) or all of it, and by transfer to the account of whoever
-- holds the money. Old code writes none of these and reads them as it reads any other.
ALTER TABLE payments DROP CONSTRAINT payments_purpose_check;
ALTER TABLE payments ADD CONSTRAINT payments_purpose_check CHECK (purpose IN ('deposit', 'top_up', 'balance'));
ALTER TABLE payments DROP CONSTRAINT payments_means_check;
ALTER TABLE payments ADD CONSTRAINT payments_means_check CHECK (means IN ('card', 'transfer', 'desk_card', 'desk_cash', 'desk_transfer', 'desk_finance'));

-- +goose Down
ALTER TABLE payments DROP CONSTRAINT payments_means_check;
ALTER TABLE payments ADD CONSTRAINT payments_means_check CHECK (means IN ('card', 'desk_card', 'desk_cash', 'desk_transfer', 'desk_finance'));
ALTER TABLE payments DROP CONSTRAINT payments_purpose_check;
ALTER TABLE payments ADD CONSTRAINT payments_purpose_check CHECK (purpose IN ('deposit', 'balance'));
ALTER TABLE payments DROP COLUMN manual;
