-- Whose line it was, where, and with which rights: acts on many messages at once have to know.
ALTER TABLE messages ADD COLUMN channel TEXT NOT NULL DEFAULT '';
ALTER TABLE messages ADD COLUMN user_id TEXT NOT NULL DEFAULT '';
ALTER TABLE messages ADD COLUMN platform_role INTEGER NOT NULL DEFAULT 0;
ALTER TABLE messages ADD COLUMN bot BOOLEAN NOT NULL DEFAULT FALSE;
UPDATE messages SET channel = (SELECT t.channel FROM traces t WHERE t.event_id = messages.event_id)
    WHERE event_id IN (SELECT event_id FROM traces);

-- Who is here and who did what is told without texts, which may not be kept at all.
ALTER TABLE traces ADD COLUMN user_id TEXT NOT NULL DEFAULT '';
ALTER TABLE traces ADD COLUMN had_text BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE traces ADD COLUMN own_act BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE traces ADD COLUMN recorded_at TIMESTAMPTZ;
UPDATE traces SET had_text = TRUE WHERE message_type IN ('chatMessage', 'slashCommand');
CREATE INDEX traces_by_account ON traces (user_id, community_id, occurred_at);
CREATE INDEX module_runs_newest ON module_runs (community_id, ran_at);

ALTER TABLE audit ADD COLUMN was TEXT NOT NULL DEFAULT '';
ALTER TABLE audit ADD COLUMN became TEXT NOT NULL DEFAULT '';

CREATE TABLE nukes (
    community_id BIGINT NOT NULL,
    number BIGINT NOT NULL,
    asked_as TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('text', 'pattern', 'links')),
    words TEXT NOT NULL,
    channel TEXT NOT NULL,
    act TEXT NOT NULL CHECK (act IN ('delete', 'timeout', 'ban')),
    seconds BIGINT NOT NULL,
    actor TEXT NOT NULL,
    messages BIGINT NOT NULL,
    accounts BIGINT NOT NULL,
    made_at TIMESTAMPTZ NOT NULL,
    undone_at TIMESTAMPTZ,
    PRIMARY KEY (community_id, number),
    UNIQUE (community_id, asked_as)
);
CREATE INDEX nukes_age ON nukes (made_at);

-- Whom a nuke timed out or banned where, and under which key of the outbox: what undoing it may lift.
CREATE TABLE nuke_acts (
    community_id BIGINT NOT NULL,
    number BIGINT NOT NULL,
    channel TEXT NOT NULL,
    user_id TEXT NOT NULL,
    member_id TEXT NOT NULL,
    delivery_key TEXT NOT NULL,
    made_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (community_id, number, channel, user_id)
);
CREATE INDEX nuke_acts_age ON nuke_acts (made_at);
CREATE INDEX nuke_acts_by_member ON nuke_acts (member_id);
