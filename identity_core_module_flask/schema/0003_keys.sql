CREATE TABLE api_keys (
    id TEXT PRIMARY KEY,
    person_id TEXT NOT NULL REFERENCES persons (id),
    name TEXT NOT NULL,
    secret_hash TEXT NOT NULL UNIQUE,
    start TEXT NOT NULL,
    scopes TEXT NOT NULL,
    days INTEGER NOT NULL CHECK (days IN (30, 90, 365, 730)),
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    last_used_at TIMESTAMPTZ,
    revoked_at TIMESTAMPTZ
);
CREATE INDEX api_keys_of ON api_keys (person_id);
CREATE INDEX api_keys_end ON api_keys (expires_at);
