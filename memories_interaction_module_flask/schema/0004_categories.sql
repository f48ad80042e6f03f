-- Categories, what was on when something was said, and who said it as search sees names.
CREATE TABLE categories (
    id BIGSERIAL PRIMARY KEY,
    community_id BIGINT NOT NULL,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    colour TEXT NOT NULL,
    icon TEXT NOT NULL,
    UNIQUE (community_id, name_key)
);
ALTER TABLE memories ADD COLUMN category_id BIGINT REFERENCES categories (id) ON DELETE SET NULL;
ALTER TABLE memories ADD COLUMN context TEXT NOT NULL DEFAULT '';
ALTER TABLE memories ADD COLUMN last_used_at TIMESTAMPTZ;
ALTER TABLE memories ADD COLUMN author_key TEXT NOT NULL DEFAULT '';
UPDATE memories SET author_key = lower(author);
CREATE INDEX memories_category ON memories (category_id);
