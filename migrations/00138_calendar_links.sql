-- +goose Up
SET lock_timeout = '10s';

-- The secret address of a site's calendar, one for each person and site. Only a keyed hash of the secret is kept. It opens
-- as long as the person's role at the site lasts; the row does not know that and is asked beside it.
CREATE TABLE calendar_links (
  id         uuid PRIMARY KEY,
  user_id    uuid NOT NULL REFERENCES users ON DELETE CASCADE,
  dealer     text NOT NULL REFERENCES dealers,
  hash       text NOT NULL UNIQUE,
  created_at timestamptz NOT NULL,
  revoked_at timestamptz
);
CREATE UNIQUE INDEX calendar_links_one ON calendar_links (user_id, dealer) WHERE revoked_at IS NULL;

-- +goose Down
DROP TABLE calendar_links;
