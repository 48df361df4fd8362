-- +goose Up
SET lock_timeout = '10s';

-- How a buyer would like the handover to be. Old code books without manners.
ALTER TABLE appointments ADD COLUMN manners text[] NOT NULL DEFAULT '{}'
  CONSTRAINT appointments_manners CHECK (manners <@ ARRAY['step_free', 'sign_language', 'quiet', 'long', 'short']);

-- +goose Down
ALTER TABLE appointments DROP COLUMN manners;
