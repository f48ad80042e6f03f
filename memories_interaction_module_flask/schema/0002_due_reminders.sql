-- Reminders as the library's due work keeps it, with an end for those that recur.
ALTER TABLE reminders RENAME TO reminders_before;
CREATE TABLE reminders (
    id BIGSERIAL PRIMARY KEY,
    community_id BIGINT NOT NULL,
    number BIGINT NOT NULL,
    owner TEXT NOT NULL,
    owner_name TEXT NOT NULL,
    platform TEXT NOT NULL,
    user_id TEXT NOT NULL,
    channel TEXT NOT NULL,
    target TEXT NOT NULL CHECK (target IN ('me', 'channel')),
    text TEXT NOT NULL,
    private BOOLEAN NOT NULL,
    rule TEXT NOT NULL,
    wall TEXT NOT NULL,
    zone TEXT NOT NULL,
    started_at TIMESTAMPTZ NOT NULL,
    ends_at TIMESTAMPTZ NOT NULL,
    occurrence BIGINT NOT NULL,
    elsewhere TEXT NOT NULL,
    fired_at TIMESTAMPTZ,
    created_at TIMESTAMPTZ NOT NULL,
    status TEXT NOT NULL,
    due_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    claimed_by TEXT NOT NULL,
    claimed_until TIMESTAMPTZ NOT NULL,
    attempts INTEGER NOT NULL,
    last_error TEXT NOT NULL,
    idempotency_key TEXT NOT NULL UNIQUE,
    UNIQUE (community_id, number)
);
-- only: sqlite
INSERT INTO reminders (id, community_id, number, owner, owner_name, platform, user_id, channel, target, text, private,
    rule, wall, zone, started_at, ends_at, occurrence, elsewhere, fired_at, created_at, status, due_at, expires_at,
    claimed_by, claimed_until, attempts, last_error, idempotency_key)
SELECT id, community_id, number, owner, owner_name, platform, user_id, channel, target, text, private, rule, wall, zone,
    started_at, strftime('%Y-%m-%dT%H:%M:%f000Z', started_at, '+365 days'), occurrence, '', fired_at, created_at,
    status, due_at, strftime('%Y-%m-%dT%H:%M:%f000Z', due_at, '+1 day'), '', due_at, 0, last_error,
    'mem-' || id || '-' || occurrence
FROM reminders_before;
-- only: postgres
INSERT INTO reminders (id, community_id, number, owner, owner_name, platform, user_id, channel, target, text, private,
    rule, wall, zone, started_at, ends_at, occurrence, elsewhere, fired_at, created_at, status, due_at, expires_at,
    claimed_by, claimed_until, attempts, last_error, idempotency_key)
SELECT id, community_id, number, owner, owner_name, platform, user_id, channel, target, text, private, rule, wall, zone,
    started_at, started_at + INTERVAL '365 days', occurrence, '', fired_at, created_at,
    status, due_at, due_at + INTERVAL '1 day', '', due_at, 0, last_error, 'mem-' || id || '-' || occurrence
FROM reminders_before;
-- only: postgres
SELECT setval(pg_get_serial_sequence('reminders', 'id'), coalesce(max(id), 0) + 1, false) FROM reminders;
DROP TABLE reminders_before;
CREATE INDEX reminders_due ON reminders (status, claimed_until);
CREATE INDEX reminders_of ON reminders (community_id, owner, status);
