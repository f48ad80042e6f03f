-- What needs a person: shown to a community's moderators, to one person, or to both, until somebody puts it away.
CREATE TABLE notices (
    id BIGSERIAL PRIMARY KEY,
    idempotency_key TEXT NOT NULL UNIQUE,
    source TEXT NOT NULL,
    about TEXT NOT NULL,
    community_id BIGINT NOT NULL,
    person_id TEXT NOT NULL,
    text TEXT NOT NULL,
    link TEXT NOT NULL,
    made_at TIMESTAMPTZ NOT NULL,
    over BOOLEAN NOT NULL
);
CREATE INDEX notices_of_community ON notices (community_id, made_at);
CREATE INDEX notices_of_person ON notices (person_id, made_at);
CREATE INDEX notices_age ON notices (made_at);
