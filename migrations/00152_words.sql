-- +goose Up
SET lock_timeout = '10s';

-- What people wrote is erased when its market's time to keep it is over. That it was written, when, by which side and
-- the hash of the words stay: whoever kept a copy can still prove it.
ALTER TABLE messages ADD COLUMN body_hash bytea, ADD COLUMN erased_at timestamptz;
ALTER TABLE messages ADD CONSTRAINT messages_erased CHECK ((erased_at IS NULL) = (body_hash IS NULL) AND (erased_at IS NULL OR body = '')) NOT VALID;
ALTER TABLE message_photos ADD COLUMN jpeg_hash bytea;
ALTER TABLE message_photos ADD CONSTRAINT message_photos_erased CHECK ((length(jpeg) = 0) = (jpeg_hash IS NOT NULL)) NOT VALID;

-- A message is never changed, and erased once: to its own hash.
-- +goose StatementBegin
CREATE FUNCTION only_erase_message() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.erased_at IS NULL AND NEW.erased_at IS NOT NULL AND NEW.body_hash = sha256(convert_to(OLD.body, 'UTF8'))
     AND (NEW.order_id, NEW.market, NEW.seq, NEW.side, NEW.dealer, NEW.created_at) = (OLD.order_id, OLD.market, OLD.seq, OLD.side, OLD.dealer, OLD.created_at)
     AND NEW.by_user IS NOT DISTINCT FROM OLD.by_user THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
-- +goose StatementEnd
DROP TRIGGER messages_append_only ON messages;
CREATE TRIGGER messages_append_only BEFORE UPDATE ON messages FOR EACH ROW EXECUTE FUNCTION only_erase_message();

ALTER TABLE queue_questions ADD COLUMN question_hash bytea, ADD COLUMN answer_hash bytea, ADD COLUMN erased_at timestamptz;
ALTER TABLE queue_questions DROP CONSTRAINT queue_questions_question_check, DROP CONSTRAINT queue_questions_answered;
ALTER TABLE queue_questions ADD CONSTRAINT queue_questions_words CHECK (CASE WHEN erased_at IS NULL THEN length(question) BETWEEN 1 AND 500
  AND (answer <> '') = (answered_at IS NOT NULL) ELSE question = '' AND answer = '' AND question_hash IS NOT NULL END) NOT VALID;

-- What is left to erase, found without reading what was erased.
CREATE INDEX messages_kept ON messages (order_id) WHERE erased_at IS NULL;
CREATE INDEX queue_questions_kept ON queue_questions (order_id) WHERE erased_at IS NULL;

-- +goose Down
DROP INDEX queue_questions_kept, messages_kept;
DELETE FROM queue_questions WHERE erased_at IS NOT NULL;
ALTER TABLE queue_questions DROP CONSTRAINT queue_questions_words;
ALTER TABLE queue_questions ADD CONSTRAINT queue_questions_question_check CHECK (length(question) BETWEEN 1 AND 500),
  ADD CONSTRAINT queue_questions_answered CHECK ((answer <> '') = (answered_at IS NOT NULL));
ALTER TABLE queue_questions DROP COLUMN erased_at, DROP COLUMN answer_hash, DROP COLUMN question_hash;
DROP TRIGGER messages_append_only ON messages;
CREATE TRIGGER messages_append_only BEFORE UPDATE ON messages FOR EACH ROW EXECUTE FUNCTION refuse_change();
DROP FUNCTION only_erase_message();
ALTER TABLE message_photos DROP COLUMN jpeg_hash;
ALTER TABLE messages DROP COLUMN erased_at, DROP COLUMN body_hash;
