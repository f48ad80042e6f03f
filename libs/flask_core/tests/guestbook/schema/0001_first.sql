-- What the tests of flask_core write into.
CREATE TABLE guests (
    id BIGSERIAL PRIMARY KEY,
    community_id BIGINT NOT NULL,
    name TEXT NOT NULL,
    seen_at TIMESTAMPTZ,
    regular BOOLEAN,
    score DOUBLE PRECISION,
    UNIQUE (community_id, name)
);

CREATE TABLE notes (
    id BIGSERIAL PRIMARY KEY,
    status TEXT NOT NULL,
    due_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    claimed_by TEXT NOT NULL,
    claimed_until TIMESTAMPTZ NOT NULL,
    attempts INTEGER NOT NULL,
    last_error TEXT NOT NULL,
    idempotency_key TEXT NOT NULL UNIQUE,
    text TEXT NOT NULL
);
CREATE INDEX notes_due ON notes (status, claimed_until);
