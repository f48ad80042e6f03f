-- Communities that compare an import with what another bot says, looked at again and again while it is on.
CREATE TABLE shadows (
    id BIGSERIAL PRIMARY KEY,
    community_id BIGINT NOT NULL UNIQUE,
    import_id BIGINT NOT NULL REFERENCES imports (id) ON DELETE CASCADE,
    bot TEXT NOT NULL,
    seen_until TIMESTAMPTZ NOT NULL,
    person_id TEXT NOT NULL,
    person_name TEXT NOT NULL,
    person_role INTEGER NOT NULL,
    status TEXT NOT NULL,
    due_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    claimed_by TEXT NOT NULL,
    claimed_until TIMESTAMPTZ NOT NULL,
    attempts INTEGER NOT NULL,
    last_error TEXT NOT NULL,
    idempotency_key TEXT NOT NULL UNIQUE
);
CREATE INDEX shadows_due ON shadows (status, claimed_until);
CREATE INDEX shadows_import ON shadows (import_id);
CREATE INDEX shadows_by ON shadows (person_id);

CREATE TABLE shadow_runs (
    community_id BIGINT NOT NULL,
    event_id TEXT NOT NULL,
    command TEXT NOT NULL,
    typed TEXT NOT NULL,
    ours TEXT NOT NULL,
    theirs TEXT NOT NULL,
    verdict TEXT NOT NULL CHECK (verdict IN ('same', 'different', 'no reply', 'only we replied')),
    at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (community_id, event_id, command)
);
CREATE INDEX shadow_runs_age ON shadow_runs (at);
