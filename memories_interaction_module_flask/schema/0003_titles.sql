-- Pages whose title shall be looked at once.
CREATE TABLE title_fetches (
    id BIGSERIAL PRIMARY KEY,
    memory_id BIGINT NOT NULL REFERENCES memories (id) ON DELETE CASCADE,
    community_id BIGINT NOT NULL,
    number BIGINT NOT NULL,
    url TEXT NOT NULL,
    status TEXT NOT NULL,
    due_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    claimed_by TEXT NOT NULL,
    claimed_until TIMESTAMPTZ NOT NULL,
    attempts INTEGER NOT NULL,
    last_error TEXT NOT NULL,
    idempotency_key TEXT NOT NULL UNIQUE
);
CREATE INDEX title_fetches_due ON title_fetches (status, claimed_until);
CREATE INDEX title_fetches_of ON title_fetches (memory_id);
