ALTER TABLE accounts ADD COLUMN login TEXT NOT NULL DEFAULT '';
ALTER TABLE accounts ADD COLUMN display_name TEXT NOT NULL DEFAULT '';
ALTER TABLE accounts ADD COLUMN merge_id TEXT NOT NULL DEFAULT '';

CREATE TABLE link_requests (
    id TEXT PRIMARY KEY,
    person_id TEXT NOT NULL REFERENCES persons (id),
    platform TEXT NOT NULL,
    source_platform TEXT NOT NULL,
    source_user_id TEXT NOT NULL,
    source_name TEXT NOT NULL,
    expected TEXT NOT NULL,
    expected_name TEXT NOT NULL,
    presented TEXT NOT NULL,
    presented_name TEXT NOT NULL,
    source_agrees BOOLEAN NOT NULL,
    code_hash TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'linked', 'replaced', 'dropped', 'refused')),
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL
);
CREATE UNIQUE INDEX link_requests_open ON link_requests (person_id, platform) WHERE state = 'open';
CREATE UNIQUE INDEX link_requests_code ON link_requests (code_hash) WHERE state = 'open';
CREATE INDEX link_requests_age ON link_requests (expires_at);

-- What community and people have to be told; the body is sealed, because it may hold a code.
CREATE TABLE tellings (
    id BIGSERIAL PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('say', 'link', 'unlink')),
    body TEXT NOT NULL,
    status TEXT NOT NULL,
    due_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    claimed_by TEXT NOT NULL,
    claimed_until TIMESTAMPTZ NOT NULL,
    attempts INTEGER NOT NULL,
    last_error TEXT NOT NULL,
    idempotency_key TEXT NOT NULL UNIQUE
);
CREATE INDEX tellings_due ON tellings (status, claimed_until);
