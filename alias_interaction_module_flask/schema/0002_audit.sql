-- Who set numbers and texts, and whose use of which command changed the channel; commands have a history of their own.
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
CREATE INDEX audit_newest ON audit (community_id, at);
CREATE INDEX audit_age ON audit (at);
CREATE INDEX audit_of ON audit (actor);
