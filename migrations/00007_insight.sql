-- +goose Up
SET lock_timeout = '10s';

-- The console reads today's postings and a market's open orders; without these it would scan both.
CREATE INDEX ledger_postings_at ON ledger_postings (at);
CREATE INDEX orders_open ON orders (market, state) WHERE state NOT IN ('handed_over', 'cancelled', 'lapsed');

-- +goose Down
DROP INDEX ledger_postings_at, orders_open;
