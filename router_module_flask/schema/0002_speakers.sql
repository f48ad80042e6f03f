-- Who an event was about belongs to its trace: events without text have somebody too, and texts are kept shorter.
ALTER TABLE traces ADD COLUMN speaker TEXT NOT NULL DEFAULT '';
UPDATE traces SET speaker = (SELECT m.speaker FROM messages m WHERE m.event_id = traces.event_id)
    WHERE event_id IN (SELECT event_id FROM messages);
ALTER TABLE messages DROP COLUMN speaker;
