-- Who set numbers and texts, and whose use of which command changed the channel; commands have a history of their own.
CREATE TABLE alias_audit (
    id BIGSERIAL PRIMARY KEY,
    community_id BIGINT NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    target TEXT NOT NULL,
    said TEXT NOT NULL,
    at TIMESTAMPTZ NOT NULL
);
CREATE INDEX alias_audit_newest ON alias_audit (community_id, at);
CREATE INDEX alias_audit_age ON alias_audit (at);
CREATE INDEX alias_audit_of ON alias_audit (actor);
