-- +goose Up
SET lock_timeout = '10s';

CREATE TABLE users (
  id            uuid PRIMARY KEY,
  email         text NOT NULL CHECK (email = lower(email)),
  name          text NOT NULL,
  password_hash text NOT NULL,
  role          text NOT NULL CHECK (role IN ('dealer', 'manager', 'hq')),
  dealer        text REFERENCES dealers (code),
  markets       text[] NOT NULL DEFAULT '{}',
  demo          boolean NOT NULL DEFAULT false, -- exists only under the demo, which refuses live keys
  disabled_at   timestamptz,
  last_login_at timestamptz, -- part of the key that failed logins are counted under: a success starts anew
  created_at    timestamptz NOT NULL,
  CONSTRAINT users_scope CHECK ((role = 'dealer') = (dealer IS NOT NULL)),
  CONSTRAINT users_email UNIQUE (email)
);

-- scs keeps the session's bytes here; the token is hashed. The first 36 bytes are the user's id.
CREATE TABLE sessions (
  token  text PRIMARY KEY,
  data   bytea NOT NULL,
  expiry timestamptz NOT NULL
);
CREATE INDEX sessions_expiry ON sessions (expiry);
-- A new password and a disabled account end all sessions of one user.
CREATE INDEX sessions_user ON sessions (substring(data FROM 1 FOR 36));

-- A dealer's system that may ask for access tokens. Only the hash of its secret is kept.
CREATE TABLE api_clients (
  id          uuid PRIMARY KEY,
  dealer      text NOT NULL REFERENCES dealers (code),
  name        text NOT NULL,
  secret_hash text NOT NULL CHECK (length(secret_hash) = 64), -- SHA-256 of 256 random bits, hex
  created_at  timestamptz NOT NULL,
  revoked_at  timestamptz
);
CREATE INDEX api_clients_dealer ON api_clients (dealer);

-- Access tokens revoked before their end, kept until then.
CREATE TABLE revoked_tokens (
  jti        text PRIMARY KEY,
  expires_at timestamptz NOT NULL
);
CREATE INDEX revoked_tokens_age ON revoked_tokens (expires_at);

-- +goose Down
DROP TABLE revoked_tokens, api_clients, sessions, users;
