-- How often the commands of a community were used in its servers, by their first word and day (UTC).
CREATE TABLE command_uses (
    community_id BIGINT NOT NULL,
    root TEXT NOT NULL,
    day TEXT NOT NULL,
    uses BIGINT NOT NULL,
    PRIMARY KEY (community_id, root, day)
);
CREATE INDEX command_uses_age ON command_uses (day);
