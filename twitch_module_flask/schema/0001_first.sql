-- Accounts with their sealed tokens; a broadcaster's belongs to a community, a bot's to the installation.
CREATE TABLE accounts (
    user_id TEXT PRIMARY KEY,
    login TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('bot', 'broadcaster')),
    community_id BIGINT NOT NULL,
    scopes TEXT NOT NULL,
    access_token TEXT NOT NULL,
    refresh_token TEXT NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    validated_at TIMESTAMPTZ NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('ok', 'needs_login')),
    reason TEXT NOT NULL
);

CREATE TABLE channels (
    broadcaster_id TEXT PRIMARY KEY,
    login TEXT NOT NULL,
    community_id BIGINT NOT NULL,
    bot_is_moderator BOOLEAN NOT NULL,
    live BOOLEAN NOT NULL
);

-- A row is there before Twitch is asked, so that its challenge finds it.
CREATE TABLE subscriptions (
    broadcaster_id TEXT NOT NULL REFERENCES channels (broadcaster_id) ON DELETE CASCADE,
    type TEXT NOT NULL,
    id TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('pending', 'enabled', 'refused', 'revoked')),
    reason TEXT NOT NULL,
    PRIMARY KEY (broadcaster_id, type)
);

CREATE TABLE grants (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    person_id TEXT NOT NULL,
    community_id BIGINT NOT NULL,
    expected_user_id TEXT NOT NULL,
    device_code TEXT NOT NULL,
    user_code TEXT NOT NULL,
    verification_uri TEXT NOT NULL,
    scopes TEXT NOT NULL,
    state TEXT NOT NULL,
    login TEXT NOT NULL,
    reason TEXT NOT NULL,
    pause BIGINT NOT NULL,
    ask_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX grants_due ON grants (state, ask_at);

-- Events that the router could not take yet.
CREATE TABLE spool (
    seq BIGSERIAL PRIMARY KEY,
    event_id TEXT NOT NULL UNIQUE,
    chat BOOLEAN NOT NULL,
    event TEXT NOT NULL,
    received_at TIMESTAMPTZ NOT NULL
);

-- What was begun to be said, by the router's key: nothing is said twice, whoever asks again.
CREATE TABLE sendings (
    idempotency_key TEXT PRIMARY KEY,
    result TEXT NOT NULL,
    begun_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX sendings_age ON sendings (begun_at);
