-- +goose Up
SET lock_timeout = '10s';

-- A service at a dealer is a sale like the others: booked, the car comes, is worked at, and is fetched. What is ordered may grow
-- until it is ready, when the customer says yes to more work.
INSERT INTO order_states (flow, state, kind)
  SELECT 'service', state, kind FROM order_states WHERE flow = 'new' AND state IN ('checkout', 'offered', 'choosing', 'accepted', 'arrived', 'ready', 'handed_over',
    'returning', 'returned', 'cancelled', 'lapsed');
INSERT INTO order_edges (flow, from_state, event, to_state)
  SELECT 'service', from_state, event, to_state FROM order_edges WHERE flow = 'used' AND from_state NOT IN ('in_transit', 'prepared') AND to_state NOT IN ('in_transit', 'prepared')
    AND event <> 'stand';
INSERT INTO order_edges (flow, from_state, event, to_state) VALUES ('service', 'accepted', 'arrive', 'arrived'), ('service', 'arrived', 'release', 'ready'),
  ('service', 'accepted', 'change', 'accepted'), ('service', 'arrived', 'change', 'arrived');
UPDATE flows SET resold = true WHERE code = 'service';

-- What is no car has no configuration, before a change and after it.
ALTER TABLE order_changes ALTER COLUMN from_configuration DROP NOT NULL, ALTER COLUMN to_configuration DROP NOT NULL;

-- +goose Down
ALTER TABLE order_changes ALTER COLUMN from_configuration SET NOT NULL, ALTER COLUMN to_configuration SET NOT NULL;
DELETE FROM order_edges WHERE flow = 'service';
DELETE FROM order_states WHERE flow = 'service';
UPDATE flows SET resold = false WHERE code = 'service';
