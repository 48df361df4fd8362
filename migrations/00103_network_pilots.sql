-- +goose Up
SET lock_timeout = '10s';

-- A dealer sells a brand's flow in a pilot because it signed, and until it leaves with notice. What was signed
-- is kept as a hash of the text that was shown; record_hash binds it to name and time.
CREATE TABLE pilot_memberships (
  id          uuid PRIMARY KEY,
  dealer      text NOT NULL,
  market      text NOT NULL,
  brand       text NOT NULL REFERENCES brands,
  flow        text NOT NULL CHECK (flow IN ('new', 'used', 'service')),
  terms       text NOT NULL, -- version of the text; 'paper' for those who signed before there was this page
  terms_lang  text NOT NULL,
  terms_hash  bytea NOT NULL CHECK (length(terms_hash) = 32),
  signed_name text NOT NULL,
  signed_by   text NOT NULL,
  signed_at   timestamptz NOT NULL,
  record_hash bytea NOT NULL CHECK (length(record_hash) = 32),
  notice_by   text,
  notice_at   timestamptz,
  leaves_on   date, -- the first day without new orders
  left_at     timestamptz,
  FOREIGN KEY (dealer, market) REFERENCES dealers (code, market),
  CONSTRAINT pilot_memberships_notice CHECK ((notice_at IS NULL) = (leaves_on IS NULL) AND (notice_at IS NULL) = (notice_by IS NULL)),
  CONSTRAINT pilot_memberships_left CHECK (left_at IS NULL OR leaves_on IS NOT NULL)
);
CREATE UNIQUE INDEX pilot_memberships_once ON pilot_memberships (dealer, brand, flow) WHERE left_at IS NULL;
CREATE INDEX pilot_memberships_due ON pilot_memberships (leaves_on) WHERE left_at IS NULL AND leaves_on IS NOT NULL;

-- A signature is never changed afterwards.
-- +goose StatementBegin
CREATE FUNCTION pilot_membership_signed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (OLD.dealer, OLD.brand, OLD.flow, OLD.terms, OLD.terms_lang, OLD.terms_hash, OLD.signed_name, OLD.signed_by, OLD.signed_at, OLD.record_hash)
    IS DISTINCT FROM (NEW.dealer, NEW.brand, NEW.flow, NEW.terms, NEW.terms_lang, NEW.terms_hash, NEW.signed_name, NEW.signed_by, NEW.signed_at, NEW.record_hash) THEN
    RAISE EXCEPTION 'what was signed does not change';
  END IF;
  RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER pilot_memberships_signed BEFORE UPDATE ON pilot_memberships FOR EACH ROW EXECUTE FUNCTION pilot_membership_signed();

INSERT INTO pilot_memberships (id, dealer, market, brand, flow, terms, terms_lang, terms_hash, signed_name, signed_by, signed_at, record_hash)
  SELECT gen_random_uuid(), d.code, d.market, b.key, f.flow, 'paper', '', sha256(''::bytea), '', 'system', now(), sha256(''::bytea)
  FROM dealers d CROSS JOIN LATERAL jsonb_each(coalesce(nullif(d.doc -> 'takes', 'null'::jsonb), '{}'::jsonb)) b CROSS JOIN LATERAL jsonb_array_elements_text(b.value) f (flow)
  WHERE jsonb_typeof(b.value) = 'array';

-- +goose Down
DROP TABLE pilot_memberships;
DROP FUNCTION pilot_membership_signed();
