-- Who asks to come in. A request that was taken back leaves nothing.
CREATE TABLE community_requests (
    id BIGSERIAL PRIMARY KEY,
    community_id BIGINT NOT NULL REFERENCES communities (id),
    member_id TEXT NOT NULL REFERENCES community_members (id),
    message TEXT NOT NULL,
    platform TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'accepted', 'denied')),
    reason TEXT NOT NULL,
    decided_by TEXT NOT NULL,
    asked_at TIMESTAMPTZ NOT NULL,
    decided_at TIMESTAMPTZ
);
CREATE UNIQUE INDEX community_requests_open ON community_requests (community_id, member_id) WHERE state = 'open';
CREATE INDEX community_requests_in_turn ON community_requests (community_id, state, id);
CREATE INDEX community_requests_of ON community_requests (member_id);
CREATE INDEX community_requests_age ON community_requests (asked_at);

-- `member_id` is who alone may use it; empty for whoever has the link.
CREATE TABLE community_invitations (
    id BIGSERIAL PRIMARY KEY,
    community_id BIGINT NOT NULL REFERENCES communities (id),
    token_hash TEXT NOT NULL UNIQUE,
    member_id TEXT NOT NULL,
    role INTEGER NOT NULL CHECK (role IN (0, 2, 3, 4, 5)),
    uses INTEGER NOT NULL,
    max_uses INTEGER NOT NULL CHECK (uses <= max_uses),
    invited_by TEXT NOT NULL REFERENCES community_members (id),
    made_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    ended_at TIMESTAMPTZ
);
CREATE INDEX community_invitations_here ON community_invitations (community_id, id);
CREATE INDEX community_invitations_of ON community_invitations (member_id) WHERE member_id <> '';
CREATE INDEX community_invitations_by ON community_invitations (invited_by);
CREATE INDEX community_invitations_age ON community_invitations (expires_at);
CREATE INDEX community_members_guests ON community_members (last_seen_at) WHERE status = 'guest';

-- What a banned or a joined member was before: a guest comes back as a guest.
ALTER TABLE community_bans ADD COLUMN status_before TEXT NOT NULL DEFAULT 'active';
ALTER TABLE community_merges ADD COLUMN target_status TEXT NOT NULL DEFAULT 'active';
