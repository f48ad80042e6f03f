-- What Twitch tells: about a channel, a bot account, or the application itself (subject ""), and over which transport.
-- A row is there before Twitch is asked, so that its challenge finds it.
CREATE TABLE eventsub_subscriptions (
    subject_id TEXT NOT NULL,
    type TEXT NOT NULL,
    transport TEXT NOT NULL CHECK (transport IN ('webhook', 'websocket', 'conduit')),
    id TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('pending', 'enabled', 'refused', 'revoked', 'gone')),
    reason TEXT NOT NULL,
    PRIMARY KEY (subject_id, type, transport)
);
INSERT INTO eventsub_subscriptions (subject_id, type, transport, id, status, reason)
    SELECT broadcaster_id, type, 'webhook', id, status, reason FROM subscriptions;
DROP TABLE subscriptions;
CREATE INDEX eventsub_subscriptions_gone ON eventsub_subscriptions (subject_id) WHERE status = 'gone';

-- The one conduit of this installation, and who reads which of its shards.
CREATE TABLE conduits (
    id TEXT PRIMARY KEY,
    shards BIGINT NOT NULL,
    made_at TIMESTAMPTZ NOT NULL
);
CREATE TABLE shards (
    conduit_id TEXT NOT NULL REFERENCES conduits (id) ON DELETE CASCADE,
    number BIGINT NOT NULL,
    owner TEXT NOT NULL,
    session_id TEXT NOT NULL,
    bound_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (conduit_id, number)
);
CREATE TABLE replicas (
    instance TEXT PRIMARY KEY,
    seen_at TIMESTAMPTZ NOT NULL
);

ALTER TABLE channels ADD COLUMN shared_chat TEXT NOT NULL DEFAULT 'ignore';
ALTER TABLE channels ADD COLUMN title TEXT NOT NULL DEFAULT '';
ALTER TABLE channels ADD COLUMN category_id TEXT NOT NULL DEFAULT '';
ALTER TABLE channels ADD COLUMN category TEXT NOT NULL DEFAULT '';
