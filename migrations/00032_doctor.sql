-- +goose Up
SET lock_timeout = '10s';

-- The invariants are examined every minute. What a row alone can show wrong is an index of the wrong rows,
-- kept by every write, so that looking for them costs nothing however many orders there are.

-- The price lines of an order's snapshot; NULL when it has none.
-- +goose StatementBegin
CREATE FUNCTION snapshot_lines_minor(snapshot jsonb) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT sum((l #>> '{amount,minor}')::bigint) FROM jsonb_array_elements(snapshot -> 'lines') l
$$;
-- +goose StatementEnd
CREATE INDEX orders_priced_wrong ON orders (id) WHERE total_minor <> (snapshot #>> '{quote,total,minor}')::bigint
  OR deposit_minor <> (snapshot #>> '{quote,deposit,minor}')::bigint OR total_minor <> snapshot_lines_minor(snapshot);
-- Orders of a car that exists: few, and looked at one by one.
CREATE INDEX orders_stock_car ON orders ((snapshot #>> '{stock,number}')) WHERE snapshot @> '{"stock": {}}' AND state NOT IN ('cancelled', 'lapsed');
-- Postings that take back what another gave: few beside the others.
CREATE INDEX ledger_postings_back ON ledger_postings (order_id) WHERE kind IN ('refund', 'refund_failed', 'desk_return', 'transfer_return', 'dispute_lost', 'credit', 'value_loss');
-- Sales of before, which somebody must tell apart.
CREATE INDEX ledger_lines_unsplit ON ledger_lines (order_id) WHERE account = 'seller';
-- Both are written in the order of time, so a coarse index finds the last day.
CREATE INDEX order_history_at ON order_history USING brin (at) WITH (pages_per_range = 16);

-- The last look at the invariants, over all instances: one of them takes the turn, all tell of it.
CREATE TABLE examinations (
  id         boolean PRIMARY KEY DEFAULT true CHECK (id),
  claimed_at timestamptz NOT NULL DEFAULT '-infinity', -- on the database's own clock: it is about load, not about a rule
  report     jsonb
);
INSERT INTO examinations DEFAULT VALUES;

-- +goose Down
DROP TABLE examinations;
DROP INDEX order_history_at, ledger_lines_unsplit, ledger_postings_back, orders_stock_car, orders_priced_wrong;
DROP FUNCTION snapshot_lines_minor(jsonb);
