-- +goose Up
SET lock_timeout = '10s';

-- What the buyer read while ordering: "de-DE". Orders from before, and those that old code writes, have none
-- and are in the market's first language.
ALTER TABLE orders ADD COLUMN locale text CHECK (locale ~ '^[a-z]{2}-[A-Z]{2}$');

-- +goose Down
ALTER TABLE orders DROP COLUMN locale;
