-- +goose Up
SET lock_timeout = '10s';

-- Addresses of dealers' own systems, which are told of every step of the dealer's orders. Ended, never deleted: what was
-- sent where is evidence.
CREATE TABLE hook_addresses (
  id            uuid PRIMARY KEY,
  market        text NOT NULL REFERENCES markets,
  group_code    text NOT NULL,
  dealer        text,                          -- the one site whose orders are told; null: every site of the group
  url           text NOT NULL CHECK (length(url) BETWEEN 10 AND 500),
  kinds         text[] NOT NULL CHECK (cardinality(kinds) > 0),
  state         text NOT NULL CHECK (state IN ('active', 'paused', 'ended')),
  paused_why    text NOT NULL DEFAULT '' CHECK (paused_why IN ('', 'asked', 'failing', 'gone')),
  failures      integer NOT NULL DEFAULT 0,    -- in a row
  failing_since timestamptz,
  wait_until    timestamptz,                   -- after a failure nothing is sent before
  last_seq      bigint NOT NULL DEFAULT 0,     -- the number of the last event that was made for this address
  created_by    uuid NOT NULL REFERENCES users,
  created_at    timestamptz NOT NULL,
  changed_at    timestamptz NOT NULL,
  FOREIGN KEY (group_code, market) REFERENCES dealer_groups (code, market),
  FOREIGN KEY (dealer, market) REFERENCES dealers (code, market),
  CONSTRAINT hook_paused CHECK ((state = 'paused') = (paused_why <> '')),
  CONSTRAINT hook_failing CHECK ((failures = 0) = (failing_since IS NULL))
);
CREATE INDEX hook_addresses_group ON hook_addresses (group_code) WHERE state <> 'ended';

-- What an address's messages are signed with. After a change the one before counts for a day longer.
CREATE TABLE hook_secrets (
  address_id uuid NOT NULL REFERENCES hook_addresses,
  n          integer NOT NULL CHECK (n > 0),
  sealed     bytea NOT NULL,                   -- with the process's own secret
  created_at timestamptz NOT NULL,
  expires_at timestamptz,
  shown_at   timestamptz,                      -- it is shown once
  PRIMARY KEY (address_id, n)
);

-- The outbox: one row for each address and step, written in the transaction of the step. No row holds a person.
CREATE TABLE hook_deliveries (
  id           uuid PRIMARY KEY,               -- of the event: the same on every attempt
  n            bigint GENERATED ALWAYS AS IDENTITY,
  address_id   uuid NOT NULL REFERENCES hook_addresses,
  order_id     uuid NOT NULL,
  market       text NOT NULL,
  dealer       text NOT NULL,
  kind         text NOT NULL,
  order_seq    integer NOT NULL CHECK (order_seq > 0), -- counts what this address hears of this order
  address_seq  bigint,                         -- counts what this address hears; given with the body
  at           timestamptz NOT NULL,
  facts        jsonb NOT NULL,
  body         text,                           -- made once, before the first attempt; never changed
  state        text NOT NULL CHECK (state IN ('waiting', 'delivered', 'dead', 'withheld')),
  attempts     integer NOT NULL DEFAULT 0,     -- since it was asked for the last time
  tried        integer NOT NULL DEFAULT 0,     -- in all
  next_at      timestamptz NOT NULL,
  last_at      timestamptz,
  last_code    integer NOT NULL DEFAULT 0,     -- 0: no answer
  last_why     text NOT NULL DEFAULT '',
  delivered_at timestamptz,
  FOREIGN KEY (order_id, market) REFERENCES orders (id, market),
  FOREIGN KEY (dealer, market) REFERENCES dealers (code, market),
  UNIQUE (address_id, order_id, order_seq),
  UNIQUE (address_id, address_seq),
  CONSTRAINT hook_body CHECK ((body IS NULL) = (address_seq IS NULL)),
  CONSTRAINT hook_delivered CHECK (state <> 'delivered' OR (delivered_at IS NOT NULL AND body IS NOT NULL))
);
CREATE INDEX hook_waiting ON hook_deliveries (address_id, next_at) WHERE state = 'waiting';
CREATE INDEX hook_list ON hook_deliveries (address_id, n DESC);

-- Every attempt, for whoever looks for the fault.
CREATE TABLE hook_attempts (
  delivery_id uuid NOT NULL REFERENCES hook_deliveries ON DELETE CASCADE,
  n           integer NOT NULL,
  at          timestamptz NOT NULL,
  code        integer NOT NULL,
  why         text NOT NULL,
  took_ms     integer NOT NULL CHECK (took_ms >= 0),
  PRIMARY KEY (delivery_id, n)
);

-- Triggers write the outbox, so that no step can forget it, and at the end of the transaction, so that what is told is
-- what came of it. The writer of an order's step holds the order's lock: two can not take the same number.
-- +goose StatementBegin
CREATE FUNCTION tell_hooks(o uuid, d text, k text, t timestamptz, stage text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO hook_deliveries (id, address_id, order_id, market, dealer, kind, order_seq, at, facts, state, next_at)
  SELECT gen_random_uuid(), a.id, x.id, x.market, d, k,
    coalesce((SELECT max(p.order_seq) FROM hook_deliveries p WHERE p.address_id = a.id AND p.order_id = x.id), 0) + 1, t,
    jsonb_build_object('number', x.number) || CASE WHEN stage IS NULL THEN '{}'::jsonb ELSE jsonb_build_object(
      'brand', x.brand, 'flow', x.flow, 'state', coalesce(nullif(stage, ''), x.state), 'model', coalesce(x.snapshot ->> 'model_name', ''), 'version', coalesce(x.snapshot ->> 'version', ''),
      'colour', coalesce(x.snapshot ->> 'colour', ''), 'vin', (SELECT x.vin FROM queue_entries q WHERE q.order_id = x.id AND q.dealer = d AND q.state IN ('accepted', 'done') LIMIT 1),
      'due_at', (SELECT q.due_at FROM queue_entries q WHERE q.order_id = x.id AND q.dealer = d AND q.state = 'offered'),
      'ready_from', (SELECT q.ready_from FROM queue_entries q WHERE q.order_id = x.id AND q.dealer = d AND q.state = 'accepted'),
      'ready_to', (SELECT q.ready_to FROM queue_entries q WHERE q.order_id = x.id AND q.dealer = d AND q.state = 'accepted'),
      'starts_at', (SELECT p.starts_at FROM appointments p WHERE p.order_id = x.id AND p.dealer = d AND p.state <> 'released'),
      'ends_at', (SELECT p.ends_at FROM appointments p WHERE p.order_id = x.id AND p.dealer = d AND p.state <> 'released')) END,
    'waiting', t
  FROM dealers s
  JOIN hook_addresses a ON a.group_code = s.group_code AND (a.dealer IS NULL OR a.dealer = s.code) AND a.state <> 'ended'
  JOIN orders x ON x.id = o
  WHERE s.code = d AND (k = ANY (a.kinds)
    -- Whoever was told of an order is told that it is his no more, whether or not he asked for that.
    OR k = 'order.transferred_away' AND EXISTS (SELECT FROM hook_deliveries p WHERE p.address_id = a.id AND p.order_id = x.id AND p.dealer = d));
END $$;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE FUNCTION tell_hooks_of_entry() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND OLD.state = NEW.state OR NOT EXISTS (SELECT FROM hook_addresses WHERE state <> 'ended') THEN
    RETURN NULL;
  END IF;
  CASE NEW.state
  WHEN 'offered' THEN PERFORM tell_hooks(NEW.order_id, NEW.dealer, 'order.offered', NEW.offered_at, '');
  WHEN 'accepted' THEN PERFORM tell_hooks(NEW.order_id, NEW.dealer, 'order.accepted', coalesce(NEW.answered_at, NEW.offered_at), '');
  WHEN 'declined' THEN PERFORM tell_hooks(NEW.order_id, NEW.dealer, 'order.declined', coalesce(NEW.closed_at, NEW.answered_at), NULL);
  WHEN 'expired' THEN PERFORM tell_hooks(NEW.order_id, NEW.dealer, 'order.expired', coalesce(NEW.closed_at, NEW.answered_at), NULL);
  WHEN 'withdrawn' THEN
    IF NEW.reason = 'passed_on' THEN
      -- What did not arrive in time is the other dealer's business now.
      UPDATE hook_deliveries SET state = 'withheld' WHERE order_id = NEW.order_id AND dealer = NEW.dealer AND state = 'waiting';
      PERFORM tell_hooks(NEW.order_id, NEW.dealer, 'order.transferred_away', coalesce(NEW.closed_at, NEW.answered_at), NULL);
    ELSE
      PERFORM tell_hooks(NEW.order_id, NEW.dealer, 'order.withdrawn', coalesce(NEW.closed_at, NEW.answered_at), NULL);
    END IF;
  ELSE NULL; -- done: the handover tells
  END CASE;
  RETURN NULL;
END $$;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE FUNCTION tell_hooks_of_step() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  who text;
BEGIN
  IF NOT EXISTS (SELECT FROM hook_addresses WHERE state <> 'ended') THEN
    RETURN NULL;
  END IF;
  SELECT q.dealer INTO who FROM queue_entries q WHERE q.order_id = NEW.order_id AND q.state IN ('offered', 'accepted', 'done') ORDER BY q.round DESC LIMIT 1;
  IF who IS NULL THEN
    RETURN NULL;
  END IF;
  PERFORM tell_hooks(NEW.order_id, who, CASE NEW.event WHEN 'release' THEN 'order.ready' WHEN 'hand_over' THEN 'order.handed_over' WHEN 'withdraw' THEN 'order.returning'
    WHEN 'take_back' THEN 'order.returned' WHEN 'change' THEN 'order.changed' ELSE 'order.stage_changed' END, NEW.at, NEW.to_state);
  RETURN NULL;
END $$;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE FUNCTION tell_hooks_of_slot() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  -- A slot is released when the order leaves the dealer, which tells of itself, or when another one is booked.
  IF EXISTS (SELECT FROM hook_addresses WHERE state <> 'ended') AND EXISTS (SELECT FROM queue_entries q
    WHERE q.order_id = NEW.order_id AND q.dealer = NEW.dealer AND q.state = 'accepted') THEN
    PERFORM tell_hooks(NEW.order_id, NEW.dealer, 'order.appointment', NEW.created_at, '');
  END IF;
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE CONSTRAINT TRIGGER queue_entries_told AFTER INSERT OR UPDATE ON queue_entries DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION tell_hooks_of_entry();
CREATE CONSTRAINT TRIGGER order_history_told AFTER INSERT ON order_history DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN (NEW.event IN ('order', 'fetch', 'stand', 'build', 'dispatch', 'arrive', 'prepare', 'release', 'hand_over', 'withdraw', 'take_back', 'change')) EXECUTE FUNCTION tell_hooks_of_step();
CREATE CONSTRAINT TRIGGER appointments_told AFTER INSERT ON appointments DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION tell_hooks_of_slot();

-- +goose Down
DROP TRIGGER appointments_told ON appointments;
DROP TRIGGER order_history_told ON order_history;
DROP TRIGGER queue_entries_told ON queue_entries;
DROP FUNCTION tell_hooks_of_slot();
DROP FUNCTION tell_hooks_of_step();
DROP FUNCTION tell_hooks_of_entry();
DROP FUNCTION tell_hooks(uuid, text, text, timestamptz, text);
DROP TABLE hook_attempts, hook_deliveries, hook_secrets, hook_addresses;
