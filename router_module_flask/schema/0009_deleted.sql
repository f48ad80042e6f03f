-- A platform tells when somebody deleted a message; its text goes when its time is over, and until then is shown as deleted.
ALTER TABLE messages ADD COLUMN deleted BOOLEAN NOT NULL DEFAULT FALSE;
CREATE INDEX messages_by_id ON messages (community_id, message_id);
