-- +goose Up
SET lock_timeout = '10s';

CREATE TABLE payments (
  id             uuid PRIMARY KEY,
  order_id       uuid NOT NULL,
  market         text NOT NULL,
  purpose        text NOT NULL CHECK (purpose IN ('deposit', 'balance')),
  attempt        integer NOT NULL CHECK (attempt > 0),
  means          text NOT NULL CHECK (means IN ('card', 'desk_card', 'desk_cash', 'desk_transfer', 'desk_finance')),
  account        text NOT NULL, -- the provider account whose keys were used; "desk" at a dealer
  state          text NOT NULL CHECK (state IN ('opening', 'open', 'authorised', 'capturing', 'captured', 'returning', 'voided', 'refunded', 'expired', 'lost')),
  currency       text NOT NULL,
  amount_minor   bigint NOT NULL CHECK (amount_minor > 0),
  session_id     text UNIQUE,
  session_url    text,
  session_ends   timestamptz,   -- the quote is fixed until then
  intent_id      text UNIQUE,
  charge_id      text,
  capture_before timestamptz,   -- from the charge, never assumed
  refund_id      text,
  reference      text NOT NULL DEFAULT '', -- of a payment at the desk
  return_reason  text NOT NULL DEFAULT '',
  due_at         timestamptz,   -- when the sweep must look again
  created_at     timestamptz NOT NULL,
  updated_at     timestamptz NOT NULL,
  recorded_by    text NOT NULL DEFAULT '',
  UNIQUE (order_id, purpose, attempt),
  UNIQUE (id, order_id),
  FOREIGN KEY (order_id, market) REFERENCES orders (id, market),
  FOREIGN KEY (order_id, currency) REFERENCES orders (id, currency),
  CONSTRAINT payments_intent CHECK (means <> 'card' OR intent_id IS NOT NULL OR state IN ('opening', 'open', 'expired')),
  CONSTRAINT payments_watched CHECK (due_at IS NOT NULL OR state IN ('captured', 'voided', 'refunded', 'expired', 'lost'))
);
-- One open page per order and purpose, however many tabs.
CREATE UNIQUE INDEX payments_one_open ON payments (order_id, purpose) WHERE state IN ('opening', 'open');
-- No second deposit is ever kept: a second success goes to returning.
CREATE UNIQUE INDEX payments_one_deposit ON payments (order_id) WHERE purpose = 'deposit' AND state IN ('authorised', 'capturing', 'captured');
CREATE INDEX payments_due ON payments (due_at) WHERE due_at IS NOT NULL;

-- Events as they came, before anything is done with them. The payload is purged by age.
CREATE TABLE provider_events (
  account      text NOT NULL,
  id           text NOT NULL,
  type         text NOT NULL,
  object_id    text NOT NULL,
  payload      jsonb,
  received_at  timestamptz NOT NULL,
  processed_at timestamptz,
  PRIMARY KEY (account, id)
);
CREATE INDEX provider_events_waiting ON provider_events (received_at) WHERE processed_at IS NULL;

-- Double entry, append-only. Each posting's lines sum to zero; a payment is posted once per kind.
CREATE TABLE ledger_postings (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  order_id   uuid NOT NULL REFERENCES orders,
  payment_id uuid,
  kind       text NOT NULL CHECK (kind IN ('capture', 'refund', 'desk', 'desk_return', 'handover')),
  currency   text NOT NULL,
  at         timestamptz NOT NULL,
  FOREIGN KEY (payment_id, order_id) REFERENCES payments (id, order_id),
  UNIQUE (id, order_id, currency)
);
CREATE UNIQUE INDEX ledger_once_per_payment ON ledger_postings (payment_id, kind) WHERE payment_id IS NOT NULL;
CREATE UNIQUE INDEX ledger_once_per_handover ON ledger_postings (order_id) WHERE kind = 'handover';

CREATE TABLE ledger_lines (
  posting_id   bigint NOT NULL,
  order_id     uuid NOT NULL,
  currency     text NOT NULL,
  account      text NOT NULL CHECK (account IN ('card_bank', 'desk', 'buyer', 'seller')),
  amount_minor bigint NOT NULL CHECK (amount_minor <> 0),
  PRIMARY KEY (posting_id, account),
  FOREIGN KEY (posting_id, order_id, currency) REFERENCES ledger_postings (id, order_id, currency)
);
CREATE INDEX ledger_lines_order ON ledger_lines (order_id);
CREATE TRIGGER ledger_postings_append_only BEFORE UPDATE OR DELETE ON ledger_postings FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER ledger_lines_append_only BEFORE UPDATE OR DELETE ON ledger_lines FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- Checked at commit, so that the lines may be written one by one; on the lines too, so that none can
-- be added to an old posting later.
-- +goose StatementBegin
CREATE FUNCTION ledger_balances() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE posting bigint; total bigint; n integer;
BEGIN
  IF TG_TABLE_NAME = 'ledger_postings' THEN posting := NEW.id; ELSE posting := NEW.posting_id; END IF;
  SELECT coalesce(sum(amount_minor), 0), count(*) INTO total, n FROM ledger_lines WHERE posting_id = posting;
  IF total <> 0 OR n < 2 THEN
    RAISE EXCEPTION 'ledger posting % sums to % over % lines', posting, total, n USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_balances';
  END IF;
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE CONSTRAINT TRIGGER ledger_postings_balance AFTER INSERT ON ledger_postings DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_balances();
CREATE CONSTRAINT TRIGGER ledger_lines_balance AFTER INSERT ON ledger_lines DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_balances();

-- +goose Down
DROP TABLE ledger_lines, ledger_postings, provider_events, payments;
DROP FUNCTION ledger_balances();
