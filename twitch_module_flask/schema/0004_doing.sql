-- When a channel recommended another: Twitch wants two minutes between any two, and an hour before the same again.
CREATE TABLE shoutouts (
    broadcaster_id TEXT NOT NULL REFERENCES channels (broadcaster_id) ON DELETE CASCADE,
    target_id TEXT NOT NULL,
    given_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (broadcaster_id, target_id)
);
CREATE INDEX shoutouts_age ON shoutouts (given_at);

-- What a key was used for: the same key for something else is refused.
ALTER TABLE sendings ADD COLUMN digest TEXT NOT NULL DEFAULT '';

ALTER TABLE channels ADD COLUMN ended_at TIMESTAMPTZ;
