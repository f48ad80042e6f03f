-- Events that wait for their effects (embedded deployment; Redis Streams keep them in the distributed one).
CREATE TABLE event_log (
    seq BIGSERIAL PRIMARY KEY,
    event_id TEXT NOT NULL UNIQUE,
    channel TEXT NOT NULL,
    body TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('new', 'taken', 'done', 'dead')),
    attempts INTEGER NOT NULL,
    lease_owner TEXT NOT NULL,
    leased_until TIMESTAMPTZ NOT NULL,
    received_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX event_log_waiting ON event_log (status, leased_until);

-- What happened to an event, without its text.
CREATE TABLE traces (
    event_id TEXT PRIMARY KEY,
    community_id BIGINT NOT NULL,
    channel TEXT NOT NULL,
    message_type TEXT NOT NULL,
    member_id TEXT NOT NULL,
    command TEXT NOT NULL,
    outcome TEXT NOT NULL,
    steps TEXT NOT NULL,
    total_ms DOUBLE PRECISION NOT NULL,
    occurred_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX traces_newest ON traces (community_id, occurred_at);
CREATE INDEX traces_age ON traces (occurred_at);

-- The text, kept apart because it is kept shorter.
CREATE TABLE messages (
    event_id TEXT PRIMARY KEY,
    community_id BIGINT NOT NULL,
    member_id TEXT NOT NULL,
    speaker TEXT NOT NULL,
    text TEXT NOT NULL,
    message_id TEXT NOT NULL,
    occurred_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX messages_age ON messages (occurred_at);
CREATE INDEX messages_by_member ON messages (community_id, member_id, occurred_at);

CREATE TABLE module_runs (
    execution_id TEXT PRIMARY KEY,
    event_id TEXT NOT NULL,
    community_id BIGINT NOT NULL,
    member_id TEXT NOT NULL,
    module TEXT NOT NULL,
    command TEXT NOT NULL,
    outcome TEXT NOT NULL,
    ms DOUBLE PRECISION NOT NULL,
    ran_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX module_runs_age ON module_runs (ran_at);

-- The outbox: what is to be said or shown, and what became of it.
CREATE TABLE deliveries (
    id BIGINT PRIMARY KEY,
    source TEXT NOT NULL,
    idempotency_key TEXT NOT NULL,
    event_id TEXT NOT NULL,
    community_id BIGINT NOT NULL,
    channel TEXT NOT NULL,
    module TEXT NOT NULL,
    kind TEXT NOT NULL,
    body TEXT NOT NULL,
    priority INTEGER NOT NULL,
    state TEXT NOT NULL,
    reason TEXT NOT NULL,
    message_ids TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    due_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    claimed_until TIMESTAMPTZ NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    UNIQUE (source, idempotency_key)
);
CREATE INDEX deliveries_due ON deliveries (state, due_at);
CREATE INDEX deliveries_by_event ON deliveries (event_id);
CREATE INDEX deliveries_age ON deliveries (created_at);

CREATE TABLE modules (
    name TEXT PRIMARY KEY,
    manifest TEXT NOT NULL,
    introduced_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE module_instances (
    name TEXT NOT NULL,
    instance TEXT NOT NULL,
    base_url TEXT NOT NULL,
    seen_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (name, instance)
);

-- Webhook modules of third parties, registered by the marketplace.
CREATE TABLE external_modules (
    name TEXT PRIMARY KEY,
    manifest TEXT NOT NULL,
    url TEXT NOT NULL,
    sealed_secret TEXT NOT NULL,
    registered_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE enablement (
    community_id BIGINT NOT NULL,
    module TEXT NOT NULL,
    channel TEXT NOT NULL,
    enabled BOOLEAN NOT NULL,
    version BIGINT NOT NULL,
    changed_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (community_id, module, channel)
);

-- Batches for modules that only listen, kept until they are taken.
CREATE TABLE listener_queue (
    seq BIGSERIAL PRIMARY KEY,
    module TEXT NOT NULL,
    event_id TEXT NOT NULL,
    body TEXT NOT NULL,
    queued_at TIMESTAMPTZ NOT NULL,
    UNIQUE (module, event_id)
);

CREATE TABLE audit (
    id BIGSERIAL PRIMARY KEY,
    community_id BIGINT NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    target TEXT NOT NULL,
    said TEXT NOT NULL,
    at TIMESTAMPTZ NOT NULL
);
CREATE INDEX audit_newest ON audit (community_id, at);
