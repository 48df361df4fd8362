-- +goose Up
SET lock_timeout = '10s';

-- When an entry stopped being anybody's. Old code leaves it empty; its answer is then the nearest we know.
ALTER TABLE queue_entries ADD COLUMN closed_at timestamptz;
-- The last tab of a queue is a month out of many years: found by its time, never by reading the years.
CREATE INDEX queue_closed ON queue_entries (dealer, flow, (coalesce(closed_at, answered_at))) WHERE state NOT IN ('offered', 'accepted');
-- Money of buyers who left, still at a desk, and what the law added: few among all payments.
CREATE INDEX payments_at_desk ON payments (order_id) WHERE state = 'returning' AND means LIKE 'desk%';
CREATE INDEX leavings_added ON leavings (order_id) WHERE settled_at IS NOT NULL AND interest_paid_at IS NULL AND interest_minor > 0;

-- A list that a member of staff comes back to: a tab and words, under a name.
CREATE TABLE saved_views (
  id         uuid PRIMARY KEY,
  user_id    uuid NOT NULL REFERENCES users ON DELETE CASCADE,
  name       text NOT NULL CHECK (length(name) BETWEEN 1 AND 30),
  tab        text NOT NULL,
  words      text NOT NULL CHECK (length(words) <= 60),
  created_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX saved_views_name ON saved_views (user_id, lower(name));

-- Whose queue changed, for the open pages of that dealer. A notice for minutes, worth nothing after a crash: not in
-- the write-ahead log. NOTIFY would make every commit wait for every other one; a row does not. The transaction's
-- number tells a reader which notices it can have seen: those of a transaction that ends later come later.
CREATE UNLOGGED TABLE queue_changes (
  tx     xid8 NOT NULL DEFAULT pg_current_xact_id(),
  dealer text NOT NULL,
  at     timestamptz NOT NULL DEFAULT now(), -- the server's time: only for sweeping
  PRIMARY KEY (tx, dealer)
);

-- +goose StatementBegin
CREATE FUNCTION note_queue_entry() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO queue_changes (dealer) VALUES (NEW.dealer) ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE FUNCTION note_queue_of_order() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO queue_changes (dealer) SELECT dealer FROM queue_entries WHERE order_id = NEW.order_id AND state IN ('offered', 'accepted') ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE FUNCTION note_queue_of_state() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO queue_changes (dealer) SELECT dealer FROM queue_entries WHERE order_id = NEW.id AND state IN ('offered', 'accepted') ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER queue_entries_noted AFTER INSERT OR UPDATE ON queue_entries FOR EACH ROW EXECUTE FUNCTION note_queue_entry();
CREATE TRIGGER appointments_noted AFTER INSERT OR UPDATE ON appointments FOR EACH ROW EXECUTE FUNCTION note_queue_of_order();
CREATE TRIGGER orders_noted AFTER UPDATE OF state, plate, checks ON orders FOR EACH ROW WHEN (NEW.state NOT IN ('checkout', 'lapsed')) EXECUTE FUNCTION note_queue_of_state();
CREATE TRIGGER payments_noted AFTER UPDATE OF state ON payments FOR EACH ROW EXECUTE FUNCTION note_queue_of_order();

-- +goose Down
DROP TRIGGER payments_noted ON payments;
DROP TRIGGER orders_noted ON orders;
DROP TRIGGER appointments_noted ON appointments;
DROP TRIGGER queue_entries_noted ON queue_entries;
DROP FUNCTION note_queue_of_state();
DROP FUNCTION note_queue_of_order();
DROP FUNCTION note_queue_entry();
DROP TABLE queue_changes, saved_views;
DROP INDEX leavings_added;
DROP INDEX payments_at_desk;
DROP INDEX queue_closed;
ALTER TABLE queue_entries DROP COLUMN closed_at;
