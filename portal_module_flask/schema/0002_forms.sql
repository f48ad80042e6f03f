-- Forms that wait for one member; what is filled in is passed on and not kept.
CREATE TABLE forms (
    id TEXT PRIMARY KEY,
    token_hash TEXT NOT NULL UNIQUE,
    asked TEXT NOT NULL,
    until TIMESTAMPTZ NOT NULL,
    claimed_until TIMESTAMPTZ NOT NULL,
    handed_at TIMESTAMPTZ
);
CREATE INDEX forms_age ON forms (until);
