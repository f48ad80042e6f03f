CREATE TABLE commands (
    id BIGSERIAL PRIMARY KEY,
    community_id BIGINT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('text', 'alias')),
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    body TEXT NOT NULL,
    dialect TEXT NOT NULL CHECK (dialect IN ('waddle', 'nightbot', 'streamelements')),
    role INTEGER NOT NULL CHECK (role BETWEEN 0 AND 6),
    cooldown_channel DOUBLE PRECISION NOT NULL CHECK (cooldown_channel BETWEEN 0 AND 86400),
    cooldown_member DOUBLE PRECISION NOT NULL CHECK (cooldown_member BETWEEN 0 AND 86400),
    live TEXT NOT NULL CHECK (live IN ('always', 'online', 'offline')),
    platforms TEXT NOT NULL,
    channels TEXT NOT NULL,
    style TEXT NOT NULL CHECK (style IN ('say', 'mention', 'reply', 'whisper', 'me')),
    cost BIGINT NOT NULL CHECK (cost >= 0),
    send_caller BOOLEAN NOT NULL,
    hidden BOOLEAN NOT NULL,
    enabled BOOLEAN NOT NULL,
    source TEXT NOT NULL,
    external_id TEXT NOT NULL,
    original TEXT NOT NULL,
    version BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    created_name TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_by TEXT NOT NULL,
    updated_name TEXT NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    deleted_at TIMESTAMPTZ
);
CREATE UNIQUE INDEX commands_named ON commands (community_id, name_key) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX commands_imported ON commands (community_id, source, external_id)
    WHERE deleted_at IS NULL AND external_id <> '';
CREATE INDEX commands_bin ON commands (deleted_at) WHERE deleted_at IS NOT NULL;
CREATE INDEX commands_made_by ON commands (created_by);
CREATE INDEX commands_changed_by ON commands (updated_by);

CREATE TABLE command_history (
    command_id BIGINT NOT NULL REFERENCES commands (id) ON DELETE CASCADE,
    version BIGINT NOT NULL,
    editor TEXT NOT NULL,
    editor_name TEXT NOT NULL,
    did TEXT NOT NULL,
    before TEXT NOT NULL,
    after TEXT NOT NULL,
    at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (command_id, version)
);
CREATE INDEX command_history_age ON command_history (at);
CREATE INDEX command_history_of ON command_history (editor);

CREATE TABLE command_uses (
    command_id BIGINT NOT NULL REFERENCES commands (id) ON DELETE CASCADE,
    day TEXT NOT NULL,
    uses BIGINT NOT NULL,
    last_used_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (command_id, day)
);
CREATE INDEX command_uses_age ON command_uses (day);

CREATE TABLE counters (
    community_id BIGINT NOT NULL,
    name_key TEXT NOT NULL,
    name TEXT NOT NULL,
    value BIGINT NOT NULL,
    on_screen BOOLEAN NOT NULL,
    PRIMARY KEY (community_id, name_key)
);

CREATE TABLE variables (
    community_id BIGINT NOT NULL,
    name_key TEXT NOT NULL,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (community_id, name_key)
);

-- What the router shall know of a community's own commands: the newest version, and the one that it has.
CREATE TABLE index_pushes (
    id BIGSERIAL PRIMARY KEY,
    community_id BIGINT NOT NULL UNIQUE,
    version BIGINT NOT NULL,
    acknowledged BIGINT NOT NULL,
    status TEXT NOT NULL,
    due_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    claimed_by TEXT NOT NULL,
    claimed_until TIMESTAMPTZ NOT NULL,
    attempts INTEGER NOT NULL,
    last_error TEXT NOT NULL,
    idempotency_key TEXT NOT NULL UNIQUE
);
CREATE INDEX index_pushes_due ON index_pushes (status, claimed_until);
