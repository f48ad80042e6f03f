CREATE TABLE rooms (
    channel TEXT PRIMARY KEY,
    community_id BIGINT NOT NULL,
    community_name TEXT NOT NULL,
    name TEXT NOT NULL,
    last_seq BIGINT NOT NULL,
    made_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX rooms_of ON rooms (community_id);

CREATE TABLE room_people (
    channel TEXT NOT NULL REFERENCES rooms (channel),
    name TEXT NOT NULL,
    look TEXT NOT NULL CHECK (look IN ('twitch', 'discord', 'slack')),
    role INTEGER NOT NULL,
    position INTEGER NOT NULL,
    PRIMARY KEY (channel, name)
);

CREATE TABLE lines (
    channel TEXT NOT NULL REFERENCES rooms (channel),
    seq BIGINT NOT NULL,
    speaker TEXT NOT NULL,
    text TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('person', 'bot', 'event')),
    event_id TEXT NOT NULL,
    private BOOLEAN NOT NULL,
    look TEXT NOT NULL,
    role TEXT NOT NULL,
    delivery_id BIGINT UNIQUE,
    at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (channel, seq)
);
CREATE INDEX lines_age ON lines (at);
