-- Whom an item on screen tells of, or who had it shown; it goes with the item.
CREATE TABLE display_people (
    community_id BIGINT NOT NULL,
    number BIGINT NOT NULL,
    platform TEXT NOT NULL,
    user_id TEXT NOT NULL,
    PRIMARY KEY (community_id, number, platform, user_id),
    FOREIGN KEY (community_id, number) REFERENCES display_items (community_id, number) ON DELETE CASCADE
);
CREATE INDEX display_people_of ON display_people (platform, user_id);
