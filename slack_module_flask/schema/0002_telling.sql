-- Who connected a workspace is told when it has to be installed again; '' for the operator's own.
ALTER TABLE workspaces ADD COLUMN person_id TEXT NOT NULL DEFAULT '';

-- Who changed what in a workspace; `was` and `became` are JSON.
CREATE TABLE audit (
    id BIGSERIAL PRIMARY KEY,
    community_id BIGINT NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    target TEXT NOT NULL,
    was TEXT NOT NULL,
    became TEXT NOT NULL,
    at TIMESTAMPTZ NOT NULL
);
CREATE INDEX audit_age ON audit (at);
