-- +goose Up
SET lock_timeout = '10s';

-- A basket that two people look at is changed by one of them at a time: who changes it names what he saw.
ALTER TABLE drafts ADD COLUMN version integer NOT NULL DEFAULT 1;
-- Where the purchase was helped along: a basket that a desk had open is one of a showroom, and so is its order.
-- Code of an older release leaves it alone.
ALTER TABLE drafts ADD COLUMN origin text NOT NULL DEFAULT 'online';
ALTER TABLE drafts ADD CONSTRAINT drafts_origin CHECK (origin IN ('online', 'showroom')) NOT VALID;
ALTER TABLE orders ADD COLUMN origin text NOT NULL DEFAULT 'online';
ALTER TABLE orders ADD COLUMN origin_dealer text; -- whose desk it was
ALTER TABLE orders ADD CONSTRAINT orders_origin CHECK ((origin = 'showroom') = (origin_dealer IS NOT NULL) AND origin IN ('online', 'showroom')) NOT VALID;

-- A basket shown at a dealer's desk, for a short while and to one person. It goes with its draft.
CREATE TABLE desks (
  id          uuid PRIMARY KEY,
  draft_id    uuid NOT NULL REFERENCES drafts ON DELETE CASCADE,
  brand       text NOT NULL REFERENCES brands,
  market      text NOT NULL REFERENCES markets,
  code_hash   bytea NOT NULL,             -- keyed: who reads the table still knows no code
  begun_by    text NOT NULL CHECK (begun_by IN ('buyer', 'dealer')),
  shares_name boolean NOT NULL DEFAULT false,
  dealer      text,                       -- the desk: empty until somebody typed the code
  user_id     uuid REFERENCES users,
  role        text NOT NULL DEFAULT '',   -- what he was at that site then
  opened_at   timestamptz NOT NULL,
  joined_at   timestamptz,
  claimed_at  timestamptz,                -- when a basket that a dealer began became the buyer's
  ends_at     timestamptz NOT NULL,
  ended_at    timestamptz,
  ended_by    text CHECK (ended_by IN ('buyer', 'dealer', 'new_code', 'order')),
  FOREIGN KEY (dealer, market) REFERENCES dealers (code, market),
  CONSTRAINT desks_joined CHECK ((dealer IS NULL) = (user_id IS NULL) AND (dealer IS NULL) = (joined_at IS NULL)),
  CONSTRAINT desks_ended CHECK ((ended_at IS NULL) = (ended_by IS NULL)),
  CONSTRAINT desks_claimed CHECK (claimed_at IS NULL OR begun_by = 'dealer')
);
-- One desk at a time sees a basket, and a code that may still be typed is one basket's.
CREATE UNIQUE INDEX desks_one_open ON desks (draft_id) WHERE ended_at IS NULL;
CREATE UNIQUE INDEX desks_code ON desks (code_hash) WHERE ended_at IS NULL;
CREATE INDEX desks_draft ON desks (draft_id);
CREATE INDEX desks_user ON desks (user_id, joined_at) WHERE user_id IS NOT NULL;

-- Who changed what in a basket that a desk has open. A row is written once; only the buyer's answer is added.
CREATE TABLE basket_changes (
  draft_id    uuid NOT NULL REFERENCES drafts ON DELETE CASCADE,
  seq         integer NOT NULL CHECK (seq > 0),
  version     integer NOT NULL,           -- of the basket after it
  side        text NOT NULL CHECK (side IN ('buyer', 'dealer')),
  desk_id     uuid REFERENCES desks ON DELETE CASCADE,
  kind        text NOT NULL CHECK (kind IN ('car', 'dealer')),
  was         text NOT NULL,              -- the build's code, or the dealer's
  becomes     text NOT NULL,
  back_of     integer,                    -- the change that this one takes back
  before      jsonb NOT NULL,             -- what the basket was: build, dealers, consent
  at          timestamptz NOT NULL,
  answer      text CHECK (answer IN ('accepted', 'taken_back')),
  answered_at timestamptz,
  PRIMARY KEY (draft_id, seq),
  CONSTRAINT basket_changes_signed CHECK (side = 'buyer' OR desk_id IS NOT NULL),
  CONSTRAINT basket_changes_answered CHECK ((answer IS NULL) = (answered_at IS NULL))
);
CREATE INDEX basket_changes_open ON basket_changes (draft_id) WHERE side = 'dealer' AND answer IS NULL;

-- Open pages of a basket hear of a change as those of a queue do: a notice is a row, and its channel the basket.
-- +goose StatementBegin
CREATE FUNCTION note_basket() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO queue_changes (dealer) VALUES ('basket ' || NEW.id) ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE FUNCTION note_desk() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO queue_changes (dealer) VALUES ('basket ' || NEW.draft_id) ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER drafts_noted AFTER UPDATE ON drafts FOR EACH ROW WHEN (NEW.origin = 'showroom') EXECUTE FUNCTION note_basket();
CREATE TRIGGER desks_noted AFTER INSERT OR UPDATE ON desks FOR EACH ROW EXECUTE FUNCTION note_desk();
CREATE TRIGGER basket_changes_noted AFTER INSERT OR UPDATE ON basket_changes FOR EACH ROW EXECUTE FUNCTION note_desk();

-- +goose Down
DROP TRIGGER basket_changes_noted ON basket_changes;
DROP TRIGGER desks_noted ON desks;
DROP TRIGGER drafts_noted ON drafts;
DROP FUNCTION note_desk();
DROP FUNCTION note_basket();
DROP TABLE basket_changes, desks;
ALTER TABLE orders DROP COLUMN origin, DROP COLUMN origin_dealer;
ALTER TABLE drafts DROP COLUMN origin, DROP COLUMN version;
