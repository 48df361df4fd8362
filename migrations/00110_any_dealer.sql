-- +goose Up
SET lock_timeout = '10s';

-- Whether the buyer leaves the choice of the dealer to the market's rule: from the first ("first"), or when none of
-- the dealers named can ("after"). Code of an older release names dealers only, and leaves it empty.
ALTER TABLE drafts ADD COLUMN any_dealer text NOT NULL DEFAULT '';
ALTER TABLE drafts ADD CONSTRAINT drafts_any_dealer CHECK (any_dealer IN ('', 'first', 'after'));
ALTER TABLE orders ADD COLUMN any_dealer text NOT NULL DEFAULT '';
ALTER TABLE orders ADD CONSTRAINT orders_any_dealer CHECK (any_dealer IN ('', 'first', 'after'));

-- How a dealer came to be one the buyer agreed to: named by the buyer, or found by the rule that the buyer agreed to.
ALTER TABLE order_dealers ADD COLUMN how text NOT NULL DEFAULT 'named';
ALTER TABLE order_dealers ADD CONSTRAINT order_dealers_how CHECK (how IN ('named', 'rule'));
-- The invariants look at the few that the rule found.
CREATE INDEX order_dealers_rule ON order_dealers (order_id) WHERE how = 'rule';

-- The figures of a dealer that rules look at: its answers of late, its last offer, what it handed over.
CREATE INDEX queue_record ON queue_entries (dealer, flow, offered_at);
CREATE INDEX orders_handed_over ON orders (dealer, handed_over_at) WHERE handed_over_at IS NOT NULL;

-- +goose Down
DROP INDEX orders_handed_over, queue_record, order_dealers_rule;
ALTER TABLE order_dealers DROP COLUMN how;
ALTER TABLE orders DROP COLUMN any_dealer;
ALTER TABLE drafts DROP COLUMN any_dealer;
