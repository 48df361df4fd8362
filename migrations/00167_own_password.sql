-- +goose Up
SET lock_timeout = '10s';

-- Who joined by his group's provider alone has no password. When the provider is taken away, an invitation to his own
-- address lets him set one: the first, never another.
ALTER TABLE users ADD COLUMN own_password boolean NOT NULL DEFAULT true;
UPDATE users u SET own_password = false WHERE EXISTS (SELECT FROM sso_links l WHERE l.user_id = u.id AND l.linked_at = u.created_at);

-- +goose Down
ALTER TABLE users DROP COLUMN own_password;
