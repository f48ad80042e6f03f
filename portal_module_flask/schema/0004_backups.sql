-- Tables called backup_… are in no backup: a restore must not change what is known about backups.
CREATE TABLE backup_jobs (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('backup', 'proof', 'restore')),
    occasion TEXT NOT NULL,
    file TEXT NOT NULL,
    sealed TEXT NOT NULL,
    acting TEXT NOT NULL,
    person_id TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'running', 'done', 'failed')),
    under_way BOOLEAN NOT NULL,
    step TEXT NOT NULL,
    problem TEXT NOT NULL,
    claimed_by TEXT NOT NULL,
    claimed_until TIMESTAMPTZ NOT NULL,
    made_at TIMESTAMPTZ NOT NULL,
    ended_at TIMESTAMPTZ
);
CREATE UNIQUE INDEX backup_jobs_one ON backup_jobs (under_way) WHERE under_way;
CREATE INDEX backup_jobs_age ON backup_jobs (made_at);

CREATE TABLE backup_proofs (
    file TEXT PRIMARY KEY,
    proved_at TIMESTAMPTZ NOT NULL,
    problem TEXT NOT NULL,
    row_count BIGINT NOT NULL
);
