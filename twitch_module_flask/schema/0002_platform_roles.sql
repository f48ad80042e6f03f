-- Who is above a viewer by Twitch's own word; `waits` until community was told. A viewer's row ends with the telling.
CREATE TABLE platform_roles (
    broadcaster_id TEXT NOT NULL REFERENCES channels (broadcaster_id) ON DELETE CASCADE,
    user_id TEXT NOT NULL,
    role BIGINT NOT NULL,
    waits BOOLEAN NOT NULL,
    seen_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (broadcaster_id, user_id)
);
CREATE INDEX platform_roles_waiting ON platform_roles (seen_at) WHERE waits;
