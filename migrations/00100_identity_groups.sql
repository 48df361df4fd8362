-- +goose Up
SET lock_timeout = '10s';

-- Dealers belong to groups. One that is in no group of the files is a group of its own, under its own
-- code, so that every question about a group has an answer. How staff sign in is decided per group.
CREATE TABLE dealer_groups (
  code          text PRIMARY KEY CHECK (code ~ '^[a-z0-9-]{4,48}$'),
  market        text NOT NULL REFERENCES markets,
  name          text NOT NULL,
  second_factor boolean NOT NULL DEFAULT false, -- nobody of the group works without one
  lock_minutes  smallint NOT NULL DEFAULT 15 CHECK (lock_minutes BETWEEN 5 AND 120), -- without a request, then locked
  UNIQUE (code, market) -- target of the composite key: no group over two markets
);

-- Null only while code of before the groups writes dealers; the next import fills it.
ALTER TABLE dealers ADD COLUMN group_code text;
INSERT INTO dealer_groups (code, market, name) SELECT code, market, coalesce(doc ->> 'legal_name', code) FROM dealers;
UPDATE dealers SET group_code = code;
ALTER TABLE dealers ADD CONSTRAINT dealers_group_fkey FOREIGN KEY (group_code, market) REFERENCES dealer_groups (code, market);
CREATE INDEX dealers_group ON dealers (group_code);

-- Who may do what where. Rows are ended, never deleted: they say who could do what at any time.
CREATE TABLE staff_roles (
  id         uuid PRIMARY KEY,
  user_id    uuid NOT NULL REFERENCES users,
  role       text NOT NULL CHECK (role IN ('sales', 'handover', 'service', 'site_manager', 'group_manager')),
  dealer     text REFERENCES dealers (code),
  group_code text REFERENCES dealer_groups (code),
  granted_by text NOT NULL,
  granted_at timestamptz NOT NULL,
  ended_by   text,
  ended_at   timestamptz,
  CONSTRAINT staff_roles_scope CHECK ((role = 'group_manager') = (group_code IS NOT NULL) AND (role <> 'group_manager') = (dealer IS NOT NULL)),
  CONSTRAINT staff_roles_end CHECK ((ended_at IS NULL) = (ended_by IS NULL))
);
CREATE UNIQUE INDEX staff_roles_once ON staff_roles (user_id, role, coalesce(dealer, group_code)) WHERE ended_at IS NULL;
CREATE INDEX staff_roles_dealer ON staff_roles (dealer) WHERE ended_at IS NULL;
CREATE INDEX staff_roles_group ON staff_roles (group_code) WHERE ended_at IS NULL;

-- Until now every login of a dealer could do everything there, and was the only one who could.
INSERT INTO staff_roles (id, user_id, role, dealer, granted_by, granted_at)
  SELECT gen_random_uuid(), id, 'site_manager', dealer, 'system', created_at FROM users WHERE dealer IS NOT NULL;
INSERT INTO staff_roles (id, user_id, role, group_code, granted_by, granted_at)
  SELECT gen_random_uuid(), u.id, 'group_manager', d.group_code, 'system', u.created_at FROM users u JOIN dealers d ON d.code = u.dealer;

-- An invitation opens once, for whoever has its link. The roles are checked again against the
-- inviter's own when it is accepted. Kept as evidence.
CREATE TABLE staff_invitations (
  id           uuid PRIMARY KEY,
  group_code   text NOT NULL REFERENCES dealer_groups (code),
  email        text NOT NULL CHECK (email = lower(email)),
  name         text NOT NULL,
  roles        jsonb NOT NULL, -- [{"role": "sales", "dealer": "gb-leeds-northgate"}]
  token_hash   bytea NOT NULL UNIQUE,
  invited_by   uuid NOT NULL REFERENCES users,
  created_at   timestamptz NOT NULL,
  expires_at   timestamptz NOT NULL,
  sent_at      timestamptz,
  accepted_at  timestamptz,
  accepted_by  uuid REFERENCES users,
  withdrawn_at timestamptz,
  CONSTRAINT staff_invitations_one_end CHECK (accepted_at IS NULL OR withdrawn_at IS NULL),
  CONSTRAINT staff_invitations_accepted CHECK ((accepted_at IS NULL) = (accepted_by IS NULL))
);
CREATE UNIQUE INDEX staff_invitations_open ON staff_invitations (group_code, email) WHERE accepted_at IS NULL AND withdrawn_at IS NULL;

-- What a session is besides its user: the site it works at, and what the list of devices shows.
ALTER TABLE sessions
  ADD COLUMN site    text,
  ADD COLUMN made_at timestamptz NOT NULL DEFAULT current_timestamp,
  ADD COLUMN seen_at timestamptz NOT NULL DEFAULT current_timestamp,
  ADD COLUMN agent   text NOT NULL DEFAULT '', -- browser and system, in few words
  ADD COLUMN stage   text NOT NULL DEFAULT 'full' CHECK (stage IN ('half', 'full')), -- half: the second factor is asked for
  ADD COLUMN locked  boolean NOT NULL DEFAULT false,
  ADD COLUMN public  uuid NOT NULL DEFAULT gen_random_uuid(); -- names the session in the list, and opens nothing

-- +goose Down
ALTER TABLE sessions DROP COLUMN site, DROP COLUMN made_at, DROP COLUMN seen_at, DROP COLUMN agent, DROP COLUMN stage, DROP COLUMN locked, DROP COLUMN public;
DROP TABLE staff_invitations, staff_roles;
ALTER TABLE dealers DROP COLUMN group_code;
DROP TABLE dealer_groups;
