CREATE TABLE communities (
    id BIGSERIAL PRIMARY KEY,
    slug TEXT NOT NULL,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('creator', 'gaming', 'corporate', 'interest', 'other')),
    locale TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    join_mode TEXT NOT NULL CHECK (join_mode IN ('open', 'approval', 'invite')),
    public BOOLEAN NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('active', 'deleted')),
    version BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL
);
CREATE UNIQUE INDEX communities_slug ON communities (lower(slug)) WHERE status = 'active';
CREATE UNIQUE INDEX communities_name ON communities (lower(name)) WHERE status = 'active';

-- The home of channels that are attached nowhere.
INSERT INTO communities (slug, name, description, kind, locale, time_zone, join_mode, public, status, version, created_at)
VALUES ('global', 'Global', '', 'other', 'en', 'UTC', 'open', FALSE, 'active', 1, '2026-01-01T00:00:00.000000Z');

CREATE TABLE community_channels (
    platform TEXT NOT NULL,
    server_id TEXT NOT NULL,
    channel_id TEXT NOT NULL,
    community_id BIGINT NOT NULL REFERENCES communities (id),
    name TEXT NOT NULL,
    platform_roles BOOLEAN NOT NULL,
    enabled BOOLEAN NOT NULL,
    version BIGINT NOT NULL,
    attached_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (platform, server_id, channel_id)
);
CREATE INDEX community_channels_of ON community_channels (community_id);

CREATE TABLE community_members (
    id TEXT PRIMARY KEY,
    community_id BIGINT NOT NULL REFERENCES communities (id),
    person_id TEXT,
    name TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('guest', 'pending', 'active', 'left', 'banned')),
    role INTEGER NOT NULL CHECK (role IN (0, 2, 3, 4, 5, 6)),
    spoken BOOLEAN NOT NULL,
    forwards_to TEXT,
    joined_at TIMESTAMPTZ NOT NULL,
    last_seen_at TIMESTAMPTZ NOT NULL
);
CREATE UNIQUE INDEX community_members_person ON community_members (community_id, person_id)
    WHERE person_id IS NOT NULL AND forwards_to IS NULL;
CREATE UNIQUE INDEX community_members_one_owner ON community_members (community_id) WHERE role = 6;
CREATE INDEX community_members_by_name ON community_members (community_id, name);

CREATE TABLE community_member_accounts (
    community_id BIGINT NOT NULL REFERENCES communities (id),
    platform TEXT NOT NULL,
    user_id TEXT NOT NULL,
    member_id TEXT NOT NULL REFERENCES community_members (id),
    login TEXT NOT NULL,
    display_name TEXT NOT NULL,
    PRIMARY KEY (community_id, platform, user_id)
);
CREATE INDEX community_member_accounts_of ON community_member_accounts (member_id);
CREATE INDEX community_member_accounts_all ON community_member_accounts (platform, user_id);

CREATE TABLE community_bans (
    id BIGSERIAL PRIMARY KEY,
    community_id BIGINT NOT NULL REFERENCES communities (id),
    member_id TEXT NOT NULL REFERENCES community_members (id),
    reason TEXT NOT NULL,
    banned_by TEXT NOT NULL,
    role_before INTEGER NOT NULL,
    banned_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ,
    lifted_at TIMESTAMPTZ
);
CREATE UNIQUE INDEX community_bans_active ON community_bans (community_id, member_id) WHERE lifted_at IS NULL;
CREATE INDEX community_bans_expiry ON community_bans (expires_at);

CREATE TABLE community_platform_roles (
    platform TEXT NOT NULL,
    user_id TEXT NOT NULL,
    channel TEXT NOT NULL,
    role INTEGER NOT NULL,
    seen_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (platform, user_id, channel)
);
CREATE INDEX community_platform_roles_age ON community_platform_roles (seen_at);

CREATE TABLE community_merges (
    merge_id TEXT NOT NULL,
    community_id BIGINT NOT NULL,
    source TEXT NOT NULL,
    target TEXT NOT NULL,
    target_role INTEGER NOT NULL,
    source_role INTEGER NOT NULL,
    merged_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (merge_id, community_id, source)
);

-- Modules that still have to be told of a merge or of its undoing.
CREATE TABLE community_outbox (
    id BIGSERIAL PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('merge', 'unmerge')),
    merge_id TEXT NOT NULL,
    community_id BIGINT NOT NULL,
    source TEXT NOT NULL,
    target TEXT NOT NULL,
    due_at TIMESTAMPTZ NOT NULL,
    attempts INTEGER NOT NULL,
    UNIQUE (kind, merge_id, source)
);
CREATE INDEX community_outbox_due ON community_outbox (due_at);

CREATE TABLE community_audit (
    id BIGSERIAL PRIMARY KEY,
    community_id BIGINT NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    target TEXT NOT NULL,
    before TEXT NOT NULL,
    after TEXT NOT NULL,
    at TIMESTAMPTZ NOT NULL
);
CREATE INDEX community_audit_newest ON community_audit (community_id, at);
