-- +goose Up
SET lock_timeout = '10s';

-- A dealer lets the rest of a price open until a day, so that the car can be handed over before it is paid.
INSERT INTO order_edges (flow, from_state, event, to_state) VALUES ('new', 'ready', 'defer', 'ready');

-- Each such word of a dealer: who, when, why, how much, until when. The newest of an order counts; a word is never
-- taken back or changed. The note may name people: it goes where the order's buyer goes.
CREATE TABLE deferrals (
  order_id     uuid NOT NULL,
  seq          integer NOT NULL, -- of the step in the order's history
  market       text NOT NULL,
  currency     text NOT NULL,
  reason       text NOT NULL CHECK (reason IN ('transfer', 'finance', 'trade_in', 'goodwill')),
  amount_minor bigint NOT NULL CHECK (amount_minor > 0), -- all that was open then
  due_on       date NOT NULL,    -- of the market's zone: the promised day
  note         text NOT NULL DEFAULT '' CHECK (length(note) <= 300),
  by_user      text NOT NULL CHECK (by_user <> ''),
  at           timestamptz NOT NULL,
  PRIMARY KEY (order_id, seq),
  FOREIGN KEY (order_id, seq) REFERENCES order_history (order_id, seq),
  FOREIGN KEY (order_id, market) REFERENCES orders (id, market),
  FOREIGN KEY (order_id, currency) REFERENCES orders (id, currency)
);
CREATE TRIGGER deferrals_append_only BEFORE UPDATE OR DELETE ON deferrals FOR EACH ROW EXECUTE FUNCTION refuse_change();
-- What the sweep looks at: promised days that passed lately.
CREATE INDEX deferrals_due ON deferrals (market, due_on);

-- +goose Down
DROP TABLE deferrals;
-- Steps that were made stay in the history, and with them their edge.
DELETE FROM order_edges e WHERE flow = 'new' AND event = 'defer' AND NOT EXISTS (SELECT FROM order_history h WHERE h.event = 'defer');
