-- +goose Up
SET lock_timeout = '10s';

-- The words of ratings that are left to erase, found without reading the others.
CREATE INDEX ratings_worded ON ratings (order_id) WHERE words <> '';

-- +goose Down
DROP INDEX ratings_worded;
