-- +goose Up
SET lock_timeout = '10s';

-- The car of an order changes while nobody has ordered it from the factory.
INSERT INTO order_edges (flow, from_state, event, to_state) VALUES
  ('new', 'offered',  'change', 'offered'),
  ('new', 'accepted', 'change', 'accepted');

-- What an order was before each change of its car. The order itself is what it became.
CREATE TABLE order_changes (
  order_id           uuid NOT NULL REFERENCES orders,
  seq                integer NOT NULL, -- of the step in the order's history
  at                 timestamptz NOT NULL,
  from_configuration text NOT NULL REFERENCES configurations (code),
  to_configuration   text NOT NULL REFERENCES configurations (code),
  from_total_minor   bigint NOT NULL,
  to_total_minor     bigint NOT NULL,
  from_snapshot      jsonb NOT NULL,
  prices_of          date NOT NULL,    -- the day whose price list counted
  PRIMARY KEY (order_id, seq),
  FOREIGN KEY (order_id, seq) REFERENCES order_history (order_id, seq)
);
CREATE TRIGGER order_changes_append_only BEFORE UPDATE OR DELETE ON order_changes FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- +goose Down
DROP TABLE order_changes;
DELETE FROM order_edges WHERE flow = 'new' AND event = 'change';
