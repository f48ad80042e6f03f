-- Guilds that the bot was seen in.
CREATE TABLE guilds (
    guild_id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    owner_id TEXT NOT NULL,
    members BIGINT NOT NULL,
    facts TEXT NOT NULL,
    seen_at TIMESTAMPTZ NOT NULL,
    left_at TIMESTAMPTZ
);
CREATE INDEX guilds_left ON guilds (left_at) WHERE left_at IS NOT NULL;

-- A shard's session, for whoever takes it up again; one of another number of shards is worth nothing.
CREATE TABLE shards (
    number BIGINT PRIMARY KEY,
    shards BIGINT NOT NULL,
    session TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    resume_url TEXT NOT NULL,
    stored_at TIMESTAMPTZ NOT NULL
);

-- Which slash commands a guild shows.
CREATE TABLE command_sync (
    guild_id TEXT PRIMARY KEY,
    hash TEXT NOT NULL,
    commands BIGINT NOT NULL,
    synced_at TIMESTAMPTZ NOT NULL,
    day TEXT NOT NULL,
    made BIGINT NOT NULL
);

-- Events that the router could not take yet.
CREATE TABLE spool (
    seq BIGSERIAL PRIMARY KEY,
    event_id TEXT NOT NULL UNIQUE,
    chat BOOLEAN NOT NULL,
    event TEXT NOT NULL,
    received_at TIMESTAMPTZ NOT NULL
);

-- What was begun to be done, by the router's key: nothing is done twice, whoever asks again.
CREATE TABLE sendings (
    idempotency_key TEXT PRIMARY KEY,
    result TEXT NOT NULL,
    digest TEXT NOT NULL,
    begun_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX sendings_age ON sendings (begun_at);

-- Forms that somebody may fill in, with what was filled in so far.
CREATE TABLE forms (
    form_id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL,
    definition TEXT NOT NULL,
    entered TEXT NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX forms_expiring ON forms (expires_at);
CREATE INDEX forms_of ON forms (user_id);

-- Who is in voice since when; `pending` minutes were decided on and may not have reached the router yet.
CREATE TABLE voice_sessions (
    id TEXT PRIMARY KEY,
    guild_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    account TEXT NOT NULL,
    channel_id TEXT NOT NULL,
    counted_at TIMESTAMPTZ NOT NULL,
    slice BIGINT NOT NULL,
    remainder BIGINT NOT NULL,
    pending BIGINT NOT NULL,
    left_at TIMESTAMPTZ
);
CREATE UNIQUE INDEX voice_sessions_open ON voice_sessions (guild_id, user_id) WHERE left_at IS NULL;
CREATE INDEX voice_sessions_of ON voice_sessions (user_id);
CREATE INDEX voice_sessions_left ON voice_sessions (left_at) WHERE left_at IS NOT NULL;
