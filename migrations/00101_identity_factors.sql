-- +goose Up
SET lock_timeout = '10s';

-- The second factor of an account. The secret of an authenticator app is sealed with the process's own
-- secret, so that a copy of the database opens nothing. last_step: a code counts once.
CREATE TABLE user_totp (
  user_id      uuid PRIMARY KEY REFERENCES users,
  sealed       bytea NOT NULL,
  confirmed_at timestamptz, -- null while the first code is awaited
  last_step    bigint NOT NULL DEFAULT 0,
  created_at   timestamptz NOT NULL
);

-- For the day on which the phone is lost. 80 random bits each, so that a plain hash is enough.
CREATE TABLE recovery_codes (
  user_id uuid NOT NULL REFERENCES users,
  hash    bytea NOT NULL CHECK (length(hash) = 32),
  used_at timestamptz,
  PRIMARY KEY (user_id, hash)
);

-- Public halves of keys that live in people's devices. A revoked one is deleted: it proves nothing.
CREATE TABLE passkeys (
  id           uuid PRIMARY KEY,
  user_id      uuid NOT NULL REFERENCES users,
  credential   bytea NOT NULL UNIQUE, -- its id, as the device says it
  doc          jsonb NOT NULL,        -- public key, counter, flags
  name         text NOT NULL,
  created_at   timestamptz NOT NULL,
  last_used_at timestamptz
);
CREATE INDEX passkeys_user ON passkeys (user_id);

-- A challenge that waits for its answer, some minutes; answered once. user_id is null while nobody is known.
CREATE TABLE passkey_challenges (
  id         uuid PRIMARY KEY,
  user_id    uuid REFERENCES users,
  doc        jsonb NOT NULL,
  expires_at timestamptz NOT NULL
);
CREATE INDEX passkey_challenges_age ON passkey_challenges (expires_at);

-- +goose Down
DROP TABLE passkey_challenges, passkeys, recovery_codes, user_totp;
