-- Whoever was sent to a platform; what stays here of the way there, for ten minutes.
CREATE TABLE oauth_states (
    state_hash TEXT PRIMARY KEY,
    provider TEXT NOT NULL,
    mode TEXT NOT NULL CHECK (mode IN ('login', 'link')),
    person_id TEXT NOT NULL,
    binding_hash TEXT NOT NULL,
    back TEXT NOT NULL,
    verifier TEXT NOT NULL,
    nonce TEXT NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX oauth_states_end ON oauth_states (expires_at);

-- When somebody last signed in with an account, if ever.
ALTER TABLE accounts ADD COLUMN signed_in_at TIMESTAMPTZ;
-- Whether the person was made of the account, instead of it being linked later.
ALTER TABLE accounts ADD COLUMN founding BOOLEAN NOT NULL DEFAULT FALSE;
