-- Events that the bot put into servers' lists, by the key that a module gave them.
CREATE TABLE scheduled_events (
    guild_id TEXT NOT NULL,
    event_key TEXT NOT NULL,
    event_id TEXT NOT NULL,
    ends_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (guild_id, event_key)
);
CREATE INDEX scheduled_events_over ON scheduled_events (ends_at);
