-- What triggers look after, one process at a time. Whether it is live and whose it is are told by different people.
CREATE TABLE claims (
    resource TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    priority INTEGER NOT NULL,
    viewers BIGINT NOT NULL,
    live BOOLEAN NOT NULL,
    holder TEXT NOT NULL,
    claimed_until TIMESTAMPTZ NOT NULL,
    seen_at TIMESTAMPTZ NOT NULL,
    idle_since TIMESTAMPTZ NOT NULL,
    errors INTEGER NOT NULL,
    failed_at TIMESTAMPTZ NOT NULL,
    last_error TEXT NOT NULL,
    parked_until TIMESTAMPTZ NOT NULL
);
CREATE INDEX claims_of_kind ON claims (kind, holder);

-- What a community changed about a command; NULL and empty mean as its module declared it.
CREATE TABLE command_overrides (
    community_id BIGINT NOT NULL,
    command TEXT NOT NULL,
    rename TEXT NOT NULL,
    role INTEGER CHECK (role BETWEEN 0 AND 6),
    member_seconds DOUBLE PRECISION CHECK (member_seconds BETWEEN 0 AND 86400),
    channel_seconds DOUBLE PRECISION CHECK (channel_seconds BETWEEN 0 AND 86400),
    global_seconds DOUBLE PRECISION CHECK (global_seconds BETWEEN 0 AND 86400),
    channels TEXT NOT NULL,
    version BIGINT NOT NULL,
    changed_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (community_id, command)
);
CREATE UNIQUE INDEX command_overrides_renamed ON command_overrides (community_id, rename) WHERE rename <> '';

-- The terms of a third party's module; the row of the whole community alone has them.
ALTER TABLE enablement ADD COLUMN settings TEXT NOT NULL DEFAULT '{}';
ALTER TABLE enablement ADD COLUMN paused TEXT NOT NULL DEFAULT '';
ALTER TABLE enablement ADD COLUMN entitled_until TIMESTAMPTZ;
