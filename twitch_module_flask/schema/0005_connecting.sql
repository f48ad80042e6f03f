-- How each channel is read and answered; "" as its bot means the community's own, or else the installation's.
ALTER TABLE channels ADD COLUMN bot_user_id TEXT NOT NULL DEFAULT '';
ALTER TABLE channels ADD COLUMN packs TEXT NOT NULL DEFAULT 'moderation events';
-- Whose being moderator `bot_is_moderator` speaks of.
ALTER TABLE channels ADD COLUMN moderating_bot TEXT NOT NULL DEFAULT '';
ALTER TABLE channels ADD COLUMN parts BIGINT NOT NULL DEFAULT 3;
ALTER TABLE channels ADD COLUMN reply_style TEXT NOT NULL DEFAULT 'reply';

-- Who connected an account is told when its sign-in ends, once a day; and when its tokens were renewed last.
ALTER TABLE accounts ADD COLUMN person_id TEXT NOT NULL DEFAULT '';
ALTER TABLE accounts ADD COLUMN refreshed_at TIMESTAMPTZ;
ALTER TABLE accounts ADD COLUMN told_at TIMESTAMPTZ;

-- Those who go to Twitch and come back: the state of their way, by its hash, once; and what proves that it is them.
ALTER TABLE grants ADD COLUMN packs TEXT NOT NULL DEFAULT '';
ALTER TABLE grants ADD COLUMN state_hash TEXT NOT NULL DEFAULT '';
ALTER TABLE grants ADD COLUMN session_hash TEXT NOT NULL DEFAULT '';
ALTER TABLE grants ADD COLUMN verifier TEXT NOT NULL DEFAULT '';
CREATE INDEX grants_states ON grants (state_hash);

-- What this installation made up for itself, sealed.
CREATE TABLE secrets (
    name TEXT PRIMARY KEY,
    secret TEXT NOT NULL
);

-- Who changed what about a channel or an account, and how it was before.
CREATE TABLE audit (
    id BIGSERIAL PRIMARY KEY,
    community_id BIGINT NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    target TEXT NOT NULL,
    was TEXT NOT NULL,
    became TEXT NOT NULL,
    at TIMESTAMPTZ NOT NULL
);
CREATE INDEX audit_age ON audit (at);
