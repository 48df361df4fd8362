-- +goose Up
-- What readers say stands in their way. The message and the address are personal: they go to the market's
-- desk by mail and are erased after a year (package feedback).
CREATE TABLE barrier_reports (
  id         uuid PRIMARY KEY,
  brand      text NOT NULL REFERENCES brands,
  market     text NOT NULL REFERENCES markets,
  page       text NOT NULL DEFAULT '',
  message    text NOT NULL CHECK (message <> ''),
  email      text NOT NULL DEFAULT '',
  created_at timestamptz NOT NULL,
  sent_at    timestamptz
);
CREATE INDEX barrier_reports_age ON barrier_reports (created_at);

-- +goose Down
DROP TABLE barrier_reports;
