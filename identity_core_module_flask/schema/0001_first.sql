CREATE TABLE persons (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    operator BOOLEAN NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('active', 'suspended', 'erased')),
    created_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE accounts (
    platform TEXT NOT NULL,
    user_id TEXT NOT NULL,
    person_id TEXT NOT NULL REFERENCES persons (id),
    verified_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (platform, user_id)
);
CREATE INDEX accounts_of ON accounts (person_id);

-- What Flask-Security keeps about a person who signs in with a password.
CREATE TABLE users (
    person_id TEXT PRIMARY KEY REFERENCES persons (id),
    email TEXT NOT NULL,
    password TEXT NOT NULL,
    active BOOLEAN NOT NULL,
    fs_uniquifier TEXT NOT NULL UNIQUE
);
CREATE UNIQUE INDEX users_email ON users (lower(email));

CREATE TABLE sessions (
    secret_hash TEXT PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    person_id TEXT NOT NULL REFERENCES persons (id),
    browser TEXT NOT NULL,
    signed_in_at TIMESTAMPTZ NOT NULL,
    last_used_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX sessions_of ON sessions (person_id);
CREATE INDEX sessions_end ON sessions (expires_at);

-- One row: the hash of the link that makes the first operator.
CREATE TABLE set_up (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    token_hash TEXT NOT NULL
);

CREATE TABLE security_log (
    id BIGSERIAL PRIMARY KEY,
    person_id TEXT NOT NULL,
    action TEXT NOT NULL,
    at TIMESTAMPTZ NOT NULL
);
CREATE INDEX security_log_of ON security_log (person_id, at);
CREATE INDEX security_log_age ON security_log (at);
