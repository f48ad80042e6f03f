-- The second factor: what Flask-Security keeps of an authenticator, sealed by it, and hashes of recovery codes.
ALTER TABLE users ADD COLUMN totp_method TEXT;
ALTER TABLE users ADD COLUMN totp_secret TEXT;
ALTER TABLE users ADD COLUMN totp_counter BIGINT;
ALTER TABLE sessions ADD COLUMN second_factor BOOLEAN NOT NULL DEFAULT FALSE;

CREATE TABLE recovery_codes (
    person_id TEXT NOT NULL REFERENCES persons (id),
    code_hash TEXT NOT NULL,
    PRIMARY KEY (person_id, code_hash)
);
