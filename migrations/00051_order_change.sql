-- +goose Up
SET lock_timeout = '10s';

-- An order changes while it is not at the factory: its car, or the dealer it stands at.
INSERT INTO order_edges (flow, from_state, event, to_state) VALUES
  ('new', 'offered',  'change', 'offered'),
  ('new', 'accepted', 'change', 'accepted'),
  ('new', 'accepted', 'move',   'accepted');

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

-- A buyer who wants another dealer for an accepted order asks that dealer first; meanwhile the order stays where it is.
CREATE TABLE dealer_moves (
  order_id    uuid NOT NULL,
  market      text NOT NULL,
  round       integer NOT NULL CHECK (round > 0),
  from_dealer text NOT NULL,
  to_dealer   text NOT NULL,
  state       text NOT NULL CHECK (state IN ('asked', 'taken', 'refused', 'expired', 'withdrawn')),
  asked_at    timestamptz NOT NULL,
  due_at      timestamptz NOT NULL, -- end of the new dealer's time to answer
  answered_at timestamptz,
  answered_by text NOT NULL DEFAULT '',
  reason      text NOT NULL DEFAULT '',
  PRIMARY KEY (order_id, round),
  FOREIGN KEY (order_id, market) REFERENCES orders (id, market),
  FOREIGN KEY (from_dealer, market) REFERENCES dealers (code, market),
  FOREIGN KEY (to_dealer, market) REFERENCES dealers (code, market),
  CHECK (from_dealer <> to_dealer),
  CONSTRAINT dealer_moves_answered CHECK ((state = 'asked') = (answered_at IS NULL))
);
-- One dealer is asked at a time.
CREATE UNIQUE INDEX dealer_moves_one_asked ON dealer_moves (order_id) WHERE state = 'asked';
CREATE INDEX dealer_moves_dealer ON dealer_moves (to_dealer) WHERE state = 'asked';
CREATE INDEX dealer_moves_due ON dealer_moves (due_at) WHERE state = 'asked';

-- +goose Down
DROP TABLE dealer_moves, order_changes;
DELETE FROM order_edges WHERE flow = 'new' AND event IN ('change', 'move');
