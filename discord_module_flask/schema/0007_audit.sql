-- Who changed what about a server: a person, or a member of a community.
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
CREATE INDEX audit_by ON audit (actor);
CREATE INDEX proofs_by ON proofs (person_id);
