-- A platform tells when somebody deleted a message; its text goes when its time is over, and until then is shown as deleted.
ALTER TABLE messages ADD COLUMN deleted BOOLEAN NOT NULL DEFAULT FALSE;
CREATE INDEX messages_by_id ON messages (community_id, message_id);

-- What the bot said goes with the texts that it answered; the record of the delivery stays.
CREATE INDEX deliveries_worded ON deliveries (created_at) WHERE body <> '' AND kind <> 'moderate';
