-- +goose Up
SET lock_timeout = '10s';

-- What can be sold. A flow was one of three words in three places; now it is a row, and its states are rows beside it.
CREATE TABLE flows (code text PRIMARY KEY CHECK (code ~ '^[a-z][a-z_]{1,19}$'));
INSERT INTO flows (code) VALUES ('new'), ('used'), ('service');

-- The states of each flow's orders, and what each means to whoever does not know the flow: nobody works on it yet (open), a
-- dealer does (dealer), it was handed over (sold), it ended without a sale (over).
CREATE TABLE order_states (
  flow  text NOT NULL REFERENCES flows,
  state text NOT NULL,
  kind  text NOT NULL CHECK (kind IN ('open', 'dealer', 'sold', 'over')),
  PRIMARY KEY (flow, state)
);
INSERT INTO order_states (flow, state, kind)
  SELECT DISTINCT flow, to_state, CASE WHEN to_state IN ('checkout', 'offered', 'choosing') THEN 'open' WHEN to_state IN ('handed_over', 'returning', 'returned') THEN 'sold'
    WHEN to_state IN ('cancelled', 'lapsed') THEN 'over' ELSE 'dealer' END FROM order_edges;
ALTER TABLE order_edges ADD CONSTRAINT order_edges_state FOREIGN KEY (flow, to_state) REFERENCES order_states (flow, state);

ALTER TABLE switches DROP CONSTRAINT switches_flow_check, ADD CONSTRAINT switches_flow FOREIGN KEY (flow) REFERENCES flows NOT VALID;
ALTER TABLE pilot_memberships DROP CONSTRAINT pilot_memberships_flow_check, ADD CONSTRAINT pilot_memberships_flow FOREIGN KEY (flow) REFERENCES flows NOT VALID;

-- A state is one of its flow's; only cars have a VIN, and only what is built to order has a configuration.
ALTER TABLE orders DROP CONSTRAINT orders_flow_check, DROP CONSTRAINT orders_state, DROP CONSTRAINT orders_vin_known, ALTER COLUMN configuration DROP NOT NULL,
  ADD CONSTRAINT orders_state FOREIGN KEY (flow, state) REFERENCES order_states (flow, state) NOT VALID,
  ADD CONSTRAINT orders_configured CHECK (configuration IS NOT NULL OR flow <> 'new') NOT VALID,
  ADD CONSTRAINT orders_vin_known CHECK (vin IS NOT NULL OR flow NOT IN ('new', 'used') OR state NOT IN ('in_transit', 'arrived', 'prepared', 'ready', 'handed_over', 'returning', 'returned')) NOT VALID;

-- +goose Down
DELETE FROM order_edges WHERE flow <> 'new';
ALTER TABLE orders DROP CONSTRAINT orders_vin_known, DROP CONSTRAINT orders_configured, DROP CONSTRAINT orders_state, ALTER COLUMN configuration SET NOT NULL,
  ADD CONSTRAINT orders_flow_check CHECK (flow IN ('new', 'used', 'service')),
  ADD CONSTRAINT orders_state CHECK (state IN ('checkout', 'offered', 'choosing', 'accepted', 'ordered', 'built',
    'in_transit', 'arrived', 'prepared', 'ready', 'handed_over', 'returning', 'returned', 'cancelled', 'lapsed')),
  ADD CONSTRAINT orders_vin_known CHECK (vin IS NOT NULL OR state NOT IN ('in_transit', 'arrived', 'prepared', 'ready', 'handed_over', 'returning', 'returned'));
ALTER TABLE pilot_memberships DROP CONSTRAINT pilot_memberships_flow, ADD CONSTRAINT pilot_memberships_flow_check CHECK (flow IN ('new', 'used', 'service'));
ALTER TABLE switches DROP CONSTRAINT switches_flow, ADD CONSTRAINT switches_flow_check CHECK (flow IN ('new', 'used', 'service'));
ALTER TABLE order_edges DROP CONSTRAINT order_edges_state;
DROP TABLE order_states, flows;
