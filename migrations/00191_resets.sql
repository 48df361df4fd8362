-- +goose Up
SET lock_timeout = '10s';

-- Who lost password and phone gets in again by a link to his own mailbox, which his manager has sent. It opens once.
-- Kept as evidence, like invitations.
CREATE TABLE staff_resets (
  id         uuid PRIMARY KEY,
  user_id    uuid NOT NULL REFERENCES users,
  token_hash bytea NOT NULL UNIQUE,
  asked_by   uuid NOT NULL REFERENCES users,
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  sent_at    timestamptz,
  used_at    timestamptz,
  ended_at   timestamptz, -- withdrawn, or a newer one was sent
  CONSTRAINT staff_resets_one_end CHECK (used_at IS NULL OR ended_at IS NULL),
  CONSTRAINT staff_resets_not_self CHECK (user_id <> asked_by)
);
CREATE UNIQUE INDEX staff_resets_open ON staff_resets (user_id) WHERE used_at IS NULL AND ended_at IS NULL;

-- A reset took the second factor away: nothing is done with the account until there is a new one, though its group may ask
-- for none.
ALTER TABLE users ADD COLUMN second_due boolean NOT NULL DEFAULT false;

-- +goose Down
ALTER TABLE users DROP COLUMN second_due;
DROP TABLE staff_resets;
