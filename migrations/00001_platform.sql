-- +goose Up
SET lock_timeout = '10s';

-- Append-only tables: money and evidence are corrected by a new row, never by a change.
-- +goose StatementBegin
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
-- +goose StatementEnd

-- One row per POST that was carried out: the same form sent twice is answered once.
CREATE TABLE form_results (
  key        text PRIMARY KEY CHECK (length(key) BETWEEN 16 AND 64),
  action     text NOT NULL,
  location   text NOT NULL,
  created_at timestamptz NOT NULL
);
CREATE INDEX form_results_age ON form_results (created_at);

-- Limits that must hold over all instances (login, code, checkout). key is hashed by the caller.
CREATE TABLE rate_counters (
  key          text NOT NULL,
  window_start timestamptz NOT NULL,
  hits         integer NOT NULL DEFAULT 1,
  PRIMARY KEY (key, window_start)
);

-- Who did what, with old and new value, in the transaction of the change. Ids only, no personal data.
CREATE TABLE audit_log (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at         timestamptz NOT NULL,
  actor      text NOT NULL,
  action     text NOT NULL,
  subject    text NOT NULL,
  market     text,
  brand      text,
  old        jsonb,
  new        jsonb,
  reason     text NOT NULL DEFAULT '',
  request_id text NOT NULL DEFAULT ''
);
CREATE INDEX audit_log_subject ON audit_log (subject, id DESC);
CREATE INDEX audit_log_market ON audit_log (market, id DESC);
CREATE TRIGGER audit_log_append_only BEFORE UPDATE OR DELETE ON audit_log FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- +goose Down
DROP TABLE audit_log, rate_counters, form_results;
DROP FUNCTION refuse_change();
