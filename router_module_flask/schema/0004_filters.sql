-- Filters as communities set them; what is not here is off and as it comes.
CREATE TABLE filters (
    community_id BIGINT NOT NULL,
    name TEXT NOT NULL,
    document TEXT NOT NULL,
    version BIGINT NOT NULL CHECK (version > 0),
    changed_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (community_id, name)
);

-- The rung of the ladder that a member stands on, per filter.
CREATE TABLE offences (
    community_id BIGINT NOT NULL,
    member_id TEXT NOT NULL,
    filter TEXT NOT NULL,
    speaker TEXT NOT NULL,
    standing BIGINT NOT NULL CHECK (standing >= 0),
    total BIGINT NOT NULL CHECK (total >= standing),
    event_id TEXT NOT NULL,
    last_at TIMESTAMPTZ NOT NULL,
    decays_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (community_id, member_id, filter)
);
CREATE INDEX offences_newest ON offences (community_id, last_at);
CREATE INDEX offences_by_member ON offences (member_id);
CREATE INDEX offences_age ON offences (decays_at);

-- Lines that were counted, so that one that is read again after a crash stands where it stood.
CREATE TABLE offence_events (
    event_id TEXT PRIMARY KEY,
    community_id BIGINT NOT NULL,
    member_id TEXT NOT NULL,
    standing BIGINT NOT NULL,
    at TIMESTAMPTZ NOT NULL
);
CREATE INDEX offence_events_by_member ON offence_events (member_id);
CREATE INDEX offence_events_age ON offence_events (at);

-- First messages that wait for a moderator.
CREATE TABLE held_messages (
    id BIGSERIAL PRIMARY KEY,
    community_id BIGINT NOT NULL,
    event_id TEXT NOT NULL UNIQUE,
    member_id TEXT NOT NULL,
    speaker TEXT NOT NULL,
    channel TEXT NOT NULL,
    text TEXT NOT NULL,
    reason TEXT NOT NULL,
    held_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX held_messages_waiting ON held_messages (community_id, id);
CREATE INDEX held_messages_by_member ON held_messages (member_id);
CREATE INDEX held_messages_age ON held_messages (held_at);
