-- Workspaces with their sealed tokens. Tokens are empty where the app was taken out of the workspace.
CREATE TABLE workspaces (
    team_id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    enterprise_id TEXT NOT NULL,
    app_id TEXT NOT NULL,
    bot_user_id TEXT NOT NULL,
    bot_id TEXT NOT NULL,
    bot_token TEXT NOT NULL,
    refresh_token TEXT NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    scopes TEXT NOT NULL,
    installed_by TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('ok', 'needs_login', 'uninstalled')),
    reason TEXT NOT NULL,
    changed_at TIMESTAMPTZ NOT NULL,
    settings TEXT NOT NULL
);

-- Which communities may use a workspace: somebody who administers the workspace said so.
CREATE TABLE workspace_communities (
    team_id TEXT NOT NULL REFERENCES workspaces (team_id) ON DELETE CASCADE,
    community_id BIGINT NOT NULL,
    PRIMARY KEY (team_id, community_id)
);

CREATE TABLE channels (
    team_id TEXT NOT NULL REFERENCES workspaces (team_id) ON DELETE CASCADE,
    channel_id TEXT NOT NULL,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    is_member BOOLEAN NOT NULL,
    archived BOOLEAN NOT NULL,
    PRIMARY KEY (team_id, channel_id)
);

CREATE TABLE group_map (
    team_id TEXT NOT NULL REFERENCES workspaces (team_id) ON DELETE CASCADE,
    group_id TEXT NOT NULL,
    handle TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('vip', 'moderator')),
    PRIMARY KEY (team_id, group_id)
);

CREATE TABLE install_states (
    state_hash TEXT PRIMARY KEY,
    person_id TEXT NOT NULL,
    community_id BIGINT NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL
);

-- Forms that were sent and can be opened; what people type into them is not kept.
CREATE TABLE forms (
    form_id TEXT PRIMARY KEY,
    team_id TEXT NOT NULL,
    channel_id TEXT NOT NULL,
    channel TEXT NOT NULL,
    community_id BIGINT NOT NULL,
    user_id TEXT NOT NULL,
    module TEXT NOT NULL,
    form TEXT NOT NULL,
    done BOOLEAN NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX forms_age ON forms (expires_at);

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
    digest TEXT NOT NULL,
    begun_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX sendings_age ON sendings (begun_at);
