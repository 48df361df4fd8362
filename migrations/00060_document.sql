-- +goose Up
SET lock_timeout = '10s';

-- The last number given in a series of a legal entity in a year. The row is locked by the transaction that
-- takes a number, until it commits: two documents never get one number, and a document that is not written
-- gives its number back. A sequence would leave a hole for each abort.
CREATE TABLE document_series (
  entity text NOT NULL,
  series text NOT NULL CHECK (series IN ('A', 'I', 'C', 'H')),
  year   integer NOT NULL CHECK (year BETWEEN 2000 AND 2200),
  prefix text NOT NULL CHECK (prefix ~ '^[A-Z0-9]{2,8}$'), -- of the year's first document; kept to its end
  last   bigint NOT NULL CHECK (last > 0),
  PRIMARY KEY (entity, series, year),
  UNIQUE (prefix, series, year)
);

-- What was issued, word for word. content is text and not jsonb, which would write it anew: its hash must
-- stay true. Retention: as long as the books (package document).
CREATE TABLE documents (
  id          uuid PRIMARY KEY,
  order_id    uuid NOT NULL,
  market      text NOT NULL,
  brand       text NOT NULL REFERENCES brands,
  kind        text NOT NULL CHECK (kind IN ('confirmation', 'invoice', 'credit_note', 'handover')),
  edition     integer NOT NULL CHECK (edition > 0), -- of its kind for the order: a changed order is confirmed anew
  entity      text NOT NULL,
  series      text NOT NULL,
  year        integer NOT NULL,
  seq         bigint NOT NULL CHECK (seq > 0),
  number      text NOT NULL UNIQUE,
  refers      uuid, -- the invoice that a credit note takes back
  currency    text NOT NULL,
  total_minor bigint NOT NULL CHECK (total_minor > 0 OR kind = 'handover'), -- a handover record asks for nothing
  content     text NOT NULL CHECK (content::json IS NOT NULL),
  sha256      text NOT NULL,
  issued_at   timestamptz NOT NULL,
  UNIQUE (entity, series, year, seq),
  UNIQUE (order_id, kind, edition),
  UNIQUE (id, order_id),
  FOREIGN KEY (entity, series, year) REFERENCES document_series,
  FOREIGN KEY (order_id, market) REFERENCES orders (id, market),
  FOREIGN KEY (order_id, currency) REFERENCES orders (id, currency),
  FOREIGN KEY (refers, order_id) REFERENCES documents (id, order_id),
  CONSTRAINT documents_refers CHECK ((kind = 'credit_note') = (refers IS NOT NULL)),
  CONSTRAINT documents_hash CHECK (sha256 = encode(sha256(convert_to(content, 'UTF8')), 'hex')),
  CONSTRAINT documents_series CHECK ((kind, series) IN (('confirmation', 'A'), ('invoice', 'I'), ('credit_note', 'C'), ('handover', 'H')))
);
-- An invoice is taken back once.
CREATE UNIQUE INDEX documents_one_credit ON documents (refers) WHERE refers IS NOT NULL;
CREATE INDEX documents_series_year ON documents (market, year, kind);
CREATE TRIGGER documents_append_only BEFORE UPDATE OR DELETE ON documents FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- The texts that the buyer accepted, with their words: the market's file may change them tomorrow.
CREATE TABLE order_texts (
  order_id    uuid NOT NULL REFERENCES orders,
  name        text NOT NULL, -- terms, withdrawal, privacy, seller_dealer
  version     text NOT NULL,
  lang        text NOT NULL CHECK (lang ~ '^[a-z]{2}$'),
  title       text NOT NULL,
  title_lang  text NOT NULL CHECK (title_lang ~ '^[a-z]{2}$'), -- a market may have a title translated and its text not
  body        text NOT NULL CHECK (body <> ''),
  sha256      text NOT NULL,
  accepted_at timestamptz NOT NULL,
  PRIMARY KEY (order_id, name, version),
  CONSTRAINT order_texts_hash CHECK (sha256 = encode(sha256(convert_to(title || E'\n\n' || body, 'UTF8')), 'hex'))
);
CREATE TRIGGER order_texts_append_only BEFORE UPDATE OR DELETE ON order_texts FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- +goose Down
DROP TABLE order_texts, documents, document_series;
