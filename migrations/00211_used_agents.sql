-- +goose Up
SET lock_timeout = '10s';

-- Somebody of a market's customer service: holds used cars for customers on the telephone, and nothing else.
ALTER TABLE users DROP CONSTRAINT users_role_check;
ALTER TABLE users ADD CONSTRAINT users_role_check CHECK (role IN ('dealer', 'manager', 'hq', 'agent')) NOT VALID;

-- Who held a car for somebody else; its link is mailed to the hold's address.
ALTER TABLE used_holds ADD COLUMN held_by uuid REFERENCES users;
CREATE INDEX used_holds_held_by ON used_holds (market, started_at) WHERE held_by IS NOT NULL;

-- Customers read their plate out.
CREATE INDEX used_cars_plate ON used_cars (upper(replace(plate, ' ', '')));

-- +goose Down
DROP INDEX used_cars_plate, used_holds_held_by;
ALTER TABLE used_holds DROP COLUMN held_by;
UPDATE users SET role = 'hq', disabled_at = coalesce(disabled_at, now()) WHERE role = 'agent'; -- closed: nobody gains by a way back
ALTER TABLE users DROP CONSTRAINT users_role_check;
ALTER TABLE users ADD CONSTRAINT users_role_check CHECK (role IN ('dealer', 'manager', 'hq')) NOT VALID;
