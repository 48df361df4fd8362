-- +goose Up
SET lock_timeout = '10s';

-- What a buyer thought of the dealer, after the handover: once for an order, changeable for a while. The words are the
-- buyer's own and go with the buyer.
CREATE TABLE ratings (
  order_id   uuid PRIMARY KEY,
  market     text NOT NULL,
  dealer     text NOT NULL, -- who handed the car over
  stars      smallint NOT NULL CHECK (stars BETWEEN 1 AND 5),
  words      text NOT NULL DEFAULT '' CHECK (length(words) <= 500),
  given_at   timestamptz NOT NULL,
  changed_at timestamptz NOT NULL CHECK (changed_at >= given_at),
  FOREIGN KEY (order_id, market) REFERENCES orders (id, market),
  FOREIGN KEY (dealer, market) REFERENCES dealers (code, market)
);
CREATE INDEX ratings_dealer ON ratings (dealer, given_at);

-- What a dealer says to a figure of its scorecard, or to a case of it, and what the country answers. Never changed.
CREATE TABLE scorecard_remarks (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  market     text NOT NULL,
  dealer     text NOT NULL,
  figure     text NOT NULL CHECK (figure IN ('answer', 'keep', 'declines', 'buyers')),
  order_id   uuid REFERENCES orders, -- empty when it is about the figure
  side       text NOT NULL CHECK (side IN ('dealer', 'country')),
  by_user    uuid NOT NULL,
  body       text NOT NULL CHECK (length(body) BETWEEN 1 AND 1000),
  created_at timestamptz NOT NULL,
  FOREIGN KEY (dealer, market) REFERENCES dealers (code, market)
);
CREATE INDEX scorecard_remarks_dealer ON scorecard_remarks (dealer, id);
CREATE TRIGGER scorecard_remarks_append_only BEFORE UPDATE OR DELETE ON scorecard_remarks FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- The scorecard and the draw by record look at a dealer's offers of late: found by their time, not among those of years.
CREATE INDEX queue_dealer_offered ON queue_entries (dealer, flow, offered_at);

-- +goose Down
DROP INDEX queue_dealer_offered;
DROP TABLE scorecard_remarks, ratings;
