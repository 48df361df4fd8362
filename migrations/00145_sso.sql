-- +goose Up
SET lock_timeout = '10s';

-- The provider by which the staff of a dealer group sign in (OpenID Connect). The client's secret is sealed
-- with the process's own secret, bound to group, issuer and client, so that neither a copy of the database nor
-- another issuer's address opens it. version changes with every save: an attempt begun before is worth nothing.
CREATE TABLE sso_providers (
  group_code text PRIMARY KEY REFERENCES dealer_groups (code),
  issuer     text NOT NULL CHECK (length(issuer) <= 300),
  client_id  text NOT NULL CHECK (length(client_id) <= 200),
  sealed     bytea NOT NULL,
  required   boolean NOT NULL DEFAULT false, -- nobody of the group gets in another way
  trusted    boolean NOT NULL DEFAULT false, -- a second factor that the provider asked for counts as ours
  acr        text NOT NULL DEFAULT '',       -- the level that says so, beside the methods that everybody knows
  version    uuid NOT NULL,
  saved_by   text NOT NULL,
  saved_at   timestamptz NOT NULL
);

-- Mail domains whose owners a provider speaks for; a domain is one group's.
CREATE TABLE sso_domains (
  domain     text PRIMARY KEY CHECK (domain = lower(domain) AND length(domain) <= 253),
  group_code text NOT NULL REFERENCES sso_providers ON DELETE CASCADE
);
CREATE INDEX sso_domains_group ON sso_domains (group_code);

-- Who is who at the provider: by mail the first time, by issuer and subject from then on. Rows are ended,
-- never deleted.
CREATE TABLE sso_links (
  id         uuid PRIMARY KEY,
  user_id    uuid NOT NULL REFERENCES users,
  group_code text NOT NULL REFERENCES dealer_groups (code),
  issuer     text NOT NULL,
  subject    text NOT NULL CHECK (length(subject) BETWEEN 1 AND 255),
  linked_at  timestamptz NOT NULL,
  used_at    timestamptz NOT NULL,
  ended_at   timestamptz,
  ended_by   text,
  CONSTRAINT sso_links_end CHECK ((ended_at IS NULL) = (ended_by IS NULL))
);
CREATE UNIQUE INDEX sso_links_subject ON sso_links (group_code, issuer, subject) WHERE ended_at IS NULL;
CREATE UNIQUE INDEX sso_links_user ON sso_links (user_id) WHERE ended_at IS NULL;

-- Somebody who is on his way to the provider and back, some minutes; used once. state and browser are hashes:
-- the one comes back in the address, the other stays in the browser that left.
CREATE TABLE sso_attempts (
  state      bytea PRIMARY KEY CHECK (length(state) = 32),
  browser    bytea NOT NULL CHECK (length(browser) = 32),
  group_code text NOT NULL REFERENCES dealer_groups (code),
  version    uuid NOT NULL,
  nonce      text NOT NULL,
  verifier   text NOT NULL, -- of PKCE
  next       text NOT NULL,
  again      boolean NOT NULL, -- from behind a lock: the provider is to ask anew
  created_at timestamptz NOT NULL DEFAULT current_timestamp,
  expires_at timestamptz NOT NULL
);
CREATE INDEX sso_attempts_age ON sso_attempts (expires_at);

-- How a session began, and whether a provider that the group trusts has asked for a second factor.
ALTER TABLE sessions
  ADD COLUMN via     text NOT NULL DEFAULT 'own' CHECK (via IN ('own', 'sso')),
  ADD COLUMN vouched boolean NOT NULL DEFAULT false;

-- +goose Down
ALTER TABLE sessions DROP COLUMN via, DROP COLUMN vouched;
DROP TABLE sso_attempts, sso_links, sso_domains, sso_providers;
