-- What members told the team of a community.
CREATE TABLE feedback (
    feedback_id TEXT PRIMARY KEY,
    community_id BIGINT NOT NULL,
    user_id TEXT NOT NULL,
    name TEXT NOT NULL,
    server TEXT NOT NULL,
    subject TEXT NOT NULL,
    details TEXT NOT NULL,
    said_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX feedback_of ON feedback (community_id, said_at);
CREATE INDEX feedback_by ON feedback (user_id);
CREATE INDEX feedback_age ON feedback (said_at);
