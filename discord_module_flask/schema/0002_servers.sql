-- How the bot behaves in a server; the row stays as long as the server is known.
CREATE TABLE guild_settings (
    guild_id TEXT PRIMARY KEY,
    settings TEXT NOT NULL
);

-- Roles of servers whose holders are subscribers, VIPs or moderators.
CREATE TABLE role_map (
    guild_id TEXT NOT NULL,
    role_id TEXT NOT NULL,
    name TEXT NOT NULL,
    counts_as TEXT NOT NULL,
    PRIMARY KEY (guild_id, role_id)
);

-- Moderators of servers, as far as community has to be told or was told of them.
CREATE TABLE platform_roles (
    guild_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    role BIGINT NOT NULL,
    waits BOOLEAN NOT NULL,
    seen_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (guild_id, user_id)
);
CREATE INDEX platform_roles_waiting ON platform_roles (seen_at) WHERE waits;
CREATE INDEX platform_roles_of ON platform_roles (user_id);

-- Ways to Discord that somebody has set out on, by the hash of their state.
CREATE TABLE proofs_begun (
    state TEXT PRIMARY KEY,
    person_id TEXT NOT NULL,
    community_id BIGINT NOT NULL,
    until TIMESTAMPTZ NOT NULL
);

-- Servers that somebody proved to manage, and for which community.
CREATE TABLE proofs (
    guild_id TEXT NOT NULL,
    community_id BIGINT NOT NULL,
    person_id TEXT NOT NULL,
    proved_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (guild_id, community_id)
);
CREATE INDEX proofs_of ON proofs (community_id);

-- Minutes in voice by day (UTC), for whoever asks about this week.
CREATE TABLE voice_days (
    guild_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    day TEXT NOT NULL,
    minutes BIGINT NOT NULL,
    PRIMARY KEY (guild_id, user_id, day)
);
CREATE INDEX voice_days_of ON voice_days (user_id);
CREATE INDEX voice_days_age ON voice_days (day);
