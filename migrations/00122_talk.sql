-- +goose Up
SET lock_timeout = '10s';

-- What buyer and dealer write to each other about an order. Nobody's number or address is in it, unless he types it.
CREATE TABLE messages (
  order_id   uuid NOT NULL,
  market     text NOT NULL,
  seq        integer NOT NULL CHECK (seq > 0),
  side       text NOT NULL CHECK (side IN ('buyer', 'dealer')),
  dealer     text NOT NULL,            -- who had the order then
  by_user    uuid,                     -- of the dealer's staff
  body       text NOT NULL CHECK (length(body) <= 2000),
  created_at timestamptz NOT NULL,
  PRIMARY KEY (order_id, seq),
  FOREIGN KEY (order_id, market) REFERENCES orders (id, market),
  FOREIGN KEY (dealer, market) REFERENCES dealers (code, market),
  CONSTRAINT messages_author CHECK ((side = 'dealer') = (by_user IS NOT NULL))
);
CREATE TRIGGER messages_append_only BEFORE UPDATE ON messages FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- A picture of a message: drawn anew by us, so that nothing is in it but what is seen.
CREATE TABLE message_photos (
  order_id uuid NOT NULL,
  seq      integer NOT NULL,
  jpeg     bytea NOT NULL CHECK (length(jpeg) <= 2000000),
  width    integer NOT NULL,
  height   integer NOT NULL,
  PRIMARY KEY (order_id, seq),
  FOREIGN KEY (order_id, seq) REFERENCES messages (order_id, seq) ON DELETE CASCADE
);

-- Since when a buyer waits for an answer; empty when the dealer wrote last. Old code leaves it alone.
ALTER TABLE queue_entries ADD COLUMN asked_at timestamptz;

-- +goose Down
ALTER TABLE queue_entries DROP COLUMN asked_at;
DROP TABLE message_photos, messages;
