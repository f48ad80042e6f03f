-- What is said again and again, and to whom; texts and channels are lists in JSON.
CREATE TABLE timers (
    id BIGSERIAL PRIMARY KEY,
    community_id BIGINT NOT NULL,
    name TEXT NOT NULL,
    enabled BOOLEAN NOT NULL,
    every_seconds INTEGER NOT NULL CHECK (every_seconds BETWEEN 300 AND 86400),
    offline_seconds INTEGER NOT NULL CHECK (offline_seconds = 0 OR offline_seconds BETWEEN 300 AND 86400),
    min_lines INTEGER NOT NULL CHECK (min_lines BETWEEN 0 AND 1000),
    within_seconds INTEGER NOT NULL CHECK (within_seconds = 0 OR within_seconds BETWEEN 60 AND 86400),
    text_order TEXT NOT NULL CHECK (text_order IN ('turn', 'random')),
    stream TEXT NOT NULL CHECK (stream IN ('always', 'live', 'offline')),
    texts TEXT NOT NULL,
    command TEXT NOT NULL,
    channels TEXT NOT NULL,
    category TEXT NOT NULL,
    title TEXT NOT NULL,
    style TEXT NOT NULL CHECK (style IN ('normal', 'announce')),
    color TEXT NOT NULL,
    author TEXT NOT NULL,
    author_is_person BOOLEAN NOT NULL,
    author_name TEXT NOT NULL,
    author_role INTEGER NOT NULL CHECK (author_role BETWEEN 0 AND 6),
    author_assigned INTEGER NOT NULL CHECK (author_assigned BETWEEN 0 AND 6),
    version BIGINT NOT NULL,
    changed_at TIMESTAMPTZ NOT NULL,
    UNIQUE (community_id, name)
);

-- A timer in one channel: due work, with what was said there last. The status is 'off' while nothing is due.
CREATE TABLE timer_places (
    id BIGSERIAL PRIMARY KEY,
    timer_id BIGINT NOT NULL REFERENCES timers (id),
    community_id BIGINT NOT NULL,
    channel TEXT NOT NULL,
    turn INTEGER NOT NULL,
    lines_from TIMESTAMPTZ NOT NULL,
    ran_at TIMESTAMPTZ,
    posted_at TIMESTAMPTZ,
    said TEXT NOT NULL,
    status TEXT NOT NULL,
    due_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    claimed_by TEXT NOT NULL,
    claimed_until TIMESTAMPTZ NOT NULL,
    attempts INTEGER NOT NULL,
    last_error TEXT NOT NULL,
    idempotency_key TEXT NOT NULL UNIQUE,
    UNIQUE (timer_id, channel)
);
CREATE INDEX timer_places_due ON timer_places (status, claimed_until);
CREATE INDEX timer_places_in ON timer_places (channel);
CREATE INDEX timer_places_of ON timer_places (community_id);

-- When the last timer spoke in a channel: there is one a minute at most.
CREATE TABLE timer_posts (
    channel TEXT PRIMARY KEY,
    community_id BIGINT NOT NULL,
    posted_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX timer_posts_age ON timer_posts (posted_at);

-- What a platform told about a stream; `live` is null until it told.
CREATE TABLE stream_states (
    channel TEXT PRIMARY KEY,
    community_id BIGINT NOT NULL,
    live BOOLEAN,
    live_at TIMESTAMPTZ NOT NULL,
    category TEXT NOT NULL,
    title TEXT NOT NULL,
    words_at TIMESTAMPTZ NOT NULL,
    heard_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX stream_states_age ON stream_states (heard_at);

-- Lines of bots are no conversation.
ALTER TABLE traces ADD COLUMN bot BOOLEAN NOT NULL DEFAULT FALSE;
