CREATE TABLE points (
    community_id BIGINT NOT NULL,
    who TEXT NOT NULL,
    points BIGINT NOT NULL,
    PRIMARY KEY (community_id, who)
);
CREATE INDEX points_of ON points (who);
