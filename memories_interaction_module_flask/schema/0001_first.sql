CREATE TABLE memories (
    id BIGSERIAL PRIMARY KEY,
    community_id BIGINT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('quote', 'link', 'note')),
    number BIGINT NOT NULL,
    title TEXT NOT NULL,
    content TEXT NOT NULL,
    url TEXT NOT NULL,
    author TEXT NOT NULL,
    author_account TEXT NOT NULL,
    tags TEXT NOT NULL,
    folded TEXT NOT NULL,
    text_hash TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('approved', 'pending', 'deleted')),
    private BOOLEAN NOT NULL,
    votes BIGINT NOT NULL,
    uses BIGINT NOT NULL,
    version BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    created_name TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    deleted_at TIMESTAMPTZ,
    UNIQUE (community_id, kind, number)
);
CREATE UNIQUE INDEX memories_same_text ON memories (community_id, kind, text_hash) WHERE state <> 'deleted';
CREATE INDEX memories_listed ON memories (community_id, kind, state, number);
CREATE INDEX memories_bin ON memories (deleted_at);

CREATE TABLE memory_votes (
    memory_id BIGINT NOT NULL REFERENCES memories (id) ON DELETE CASCADE,
    member_id TEXT NOT NULL,
    value INTEGER NOT NULL CHECK (value IN (-1, 1)),
    voted_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (memory_id, member_id)
);
CREATE INDEX memory_votes_of ON memory_votes (member_id);

CREATE TABLE memory_history (
    memory_id BIGINT NOT NULL REFERENCES memories (id) ON DELETE CASCADE,
    version BIGINT NOT NULL,
    title TEXT NOT NULL,
    content TEXT NOT NULL,
    author TEXT NOT NULL,
    changed_by TEXT NOT NULL,
    changed_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (memory_id, version)
);
CREATE INDEX memory_history_age ON memory_history (changed_at);

CREATE TABLE reminders (
    id BIGSERIAL PRIMARY KEY,
    community_id BIGINT NOT NULL,
    number BIGINT NOT NULL,
    owner TEXT NOT NULL,
    owner_name TEXT NOT NULL,
    platform TEXT NOT NULL,
    user_id TEXT NOT NULL,
    channel TEXT NOT NULL,
    target TEXT NOT NULL CHECK (target IN ('me', 'channel')),
    text TEXT NOT NULL,
    private BOOLEAN NOT NULL,
    rule TEXT NOT NULL,
    wall TEXT NOT NULL,
    zone TEXT NOT NULL,
    started_at TIMESTAMPTZ NOT NULL,
    occurrence BIGINT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('waiting', 'handed_over', 'delivered', 'failed', 'missed', 'cancelled')),
    due_at TIMESTAMPTZ NOT NULL,
    fired_at TIMESTAMPTZ,
    claimed_by TEXT NOT NULL,
    claimed_until TIMESTAMPTZ NOT NULL,
    attempts INTEGER NOT NULL,
    last_error TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    UNIQUE (community_id, number)
);
CREATE INDEX reminders_due ON reminders (status, due_at);
CREATE INDEX reminders_of ON reminders (community_id, owner, status);
