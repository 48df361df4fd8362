-- +goose Up
SET lock_timeout = '10s';

-- Payments that a card holder disputes, as the card bank says. One that is only asked about moves no money.
CREATE TABLE disputes (
  account      text NOT NULL,
  id           text NOT NULL,        -- the bank's
  payment_id   uuid NOT NULL,
  order_id     uuid NOT NULL,
  market       text NOT NULL,
  status       text NOT NULL CHECK (status IN ('warning_needs_response', 'warning_under_review', 'warning_closed', 'needs_response', 'under_review', 'won', 'lost')),
  reason       text NOT NULL,
  currency     text NOT NULL,
  amount_minor bigint NOT NULL CHECK (amount_minor > 0),
  answer_by    timestamptz,          -- until then evidence counts
  created_at   timestamptz NOT NULL,
  updated_at   timestamptz NOT NULL,
  PRIMARY KEY (account, id),
  FOREIGN KEY (payment_id, order_id) REFERENCES payments (id, order_id),
  FOREIGN KEY (order_id, market) REFERENCES orders (id, market)
);
CREATE INDEX disputes_order ON disputes (order_id);
CREATE INDEX disputes_open ON disputes (market, created_at) WHERE status IN ('warning_needs_response', 'warning_under_review', 'needs_response', 'under_review');

-- What the reconciler found to differ between our books and the bank's, and could not heal by itself. A person
-- closes it, or the next look that finds no difference does.
CREATE TABLE reconcile_findings (
  id          uuid PRIMARY KEY,
  account     text NOT NULL,
  kind        text NOT NULL,         -- what differs; words are in the catalogue
  object_id   text NOT NULL,         -- the bank's key of what it is about
  order_id    uuid,
  market      text,
  detail      text NOT NULL DEFAULT '', -- codes and amounts, no words
  found_at    timestamptz NOT NULL,
  seen_at     timestamptz NOT NULL,  -- last time it was found
  closed_at   timestamptz,
  closed_by   text NOT NULL DEFAULT '',
  reason      text NOT NULL DEFAULT '' -- a person's, when he closed it
);
CREATE UNIQUE INDEX reconcile_findings_open ON reconcile_findings (account, kind, object_id) WHERE closed_at IS NULL;

-- +goose Down
DROP TABLE reconcile_findings, disputes;
