-- Events that a module wants to be run for in one community only, as JSON.
CREATE TABLE event_wishes (
    community_id BIGINT NOT NULL,
    module TEXT NOT NULL,
    interests TEXT NOT NULL,
    PRIMARY KEY (community_id, module)
);
