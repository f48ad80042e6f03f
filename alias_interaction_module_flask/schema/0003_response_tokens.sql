CREATE TABLE response_tokens (
    hash TEXT PRIMARY KEY,
    community_id BIGINT NOT NULL,
    execution_id TEXT NOT NULL,
    channel TEXT NOT NULL,
    uses_left BIGINT NOT NULL,
    ready_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX response_tokens_old ON response_tokens (expires_at);
CREATE INDEX response_tokens_of ON response_tokens (community_id);
