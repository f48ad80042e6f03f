-- Backups under way: what the portal fetches, and what it brings to be restored. Tables called backup_… are in no backup.
CREATE TABLE backup_snapshots (
    id TEXT PRIMARY KEY,
    attempt TEXT NOT NULL,
    contents TEXT NOT NULL,
    made_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE backup_restores (
    id TEXT PRIMARY KEY,
    state TEXT NOT NULL CHECK (state IN ('proof', 'open', 'applied', 'over', 'abandoned')),
    contents TEXT NOT NULL,
    touched_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE backup_pieces (
    owner TEXT NOT NULL,
    table_name TEXT NOT NULL,
    number INTEGER NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (owner, table_name, number)
);
