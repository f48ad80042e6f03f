-- Brought back by its owner for 30 days, then gone everywhere.
ALTER TABLE communities ADD COLUMN deleted_at TIMESTAMPTZ;
UPDATE communities SET deleted_at = created_at WHERE status = 'deleted';
CREATE INDEX communities_deleted ON communities (deleted_at) WHERE status = 'deleted';

CREATE TABLE community_transfers (
    id BIGSERIAL PRIMARY KEY,
    community_id BIGINT NOT NULL UNIQUE REFERENCES communities (id),
    owner_id TEXT NOT NULL,
    member_id TEXT NOT NULL,
    owner_agreed BOOLEAN NOT NULL,
    member_agreed BOOLEAN NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX community_transfers_end ON community_transfers (expires_at);

-- A whole guild or workspace: it covers its channels, as far as none of them has a home of its own.
CREATE TABLE community_servers (
    platform TEXT NOT NULL,
    server_id TEXT NOT NULL,
    community_id BIGINT NOT NULL REFERENCES communities (id),
    name TEXT NOT NULL,
    version BIGINT NOT NULL,
    attached_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (platform, server_id)
);
CREATE INDEX community_servers_of ON community_servers (community_id);

-- The outbox holds communities that end and transfers that somebody has to agree to as well.
ALTER TABLE community_outbox RENAME TO community_outbox_before;
CREATE TABLE community_outbox (
    id BIGSERIAL PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('merge', 'unmerge', 'erase', 'transfer')),
    merge_id TEXT NOT NULL,
    community_id BIGINT NOT NULL,
    source TEXT NOT NULL,
    target TEXT NOT NULL,
    due_at TIMESTAMPTZ NOT NULL,
    attempts INTEGER NOT NULL,
    UNIQUE (kind, merge_id, source)
);
INSERT INTO community_outbox (kind, merge_id, community_id, source, target, due_at, attempts)
SELECT kind, merge_id, community_id, source, target, due_at, attempts FROM community_outbox_before ORDER BY id;
DROP TABLE community_outbox_before;
CREATE INDEX community_outbox_next ON community_outbox (due_at);
