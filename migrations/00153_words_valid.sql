-- +goose Up
SET lock_timeout = '10s';

-- Looks at the rows of before under a lock that lets everybody work.
ALTER TABLE messages VALIDATE CONSTRAINT messages_erased;
ALTER TABLE message_photos VALIDATE CONSTRAINT message_photos_erased;
ALTER TABLE queue_questions VALIDATE CONSTRAINT queue_questions_words;

-- +goose Down
SELECT 1;
