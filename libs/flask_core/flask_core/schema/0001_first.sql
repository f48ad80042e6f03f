-- Tables that every module has.
CREATE TABLE executions (
    execution_id TEXT PRIMARY KEY,
    answer TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX executions_age ON executions (created_at);

CREATE TABLE community_settings (
    community_id BIGINT PRIMARY KEY,
    document TEXT NOT NULL,
    version BIGINT NOT NULL,
    changed_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE number_sequences (
    community_id BIGINT NOT NULL,
    kind TEXT NOT NULL,
    last BIGINT NOT NULL,
    PRIMARY KEY (community_id, kind)
);
