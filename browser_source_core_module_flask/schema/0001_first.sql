CREATE TABLE overlays (
    id BIGSERIAL PRIMARY KEY,
    community_id BIGINT NOT NULL,
    name TEXT NOT NULL,
    stage TEXT NOT NULL CHECK (stage IN ('live', 'preview')),
    created_at TIMESTAMPTZ NOT NULL,
    UNIQUE (community_id, name)
);

CREATE TABLE overlay_secrets (
    secret_hash TEXT PRIMARY KEY,
    overlay_id BIGINT NOT NULL REFERENCES overlays (id) ON DELETE CASCADE,
    widget TEXT NOT NULL,
    secret_sealed TEXT NOT NULL,
    valid_until TIMESTAMPTZ
);
CREATE UNIQUE INDEX overlay_secrets_open ON overlay_secrets (overlay_id, widget) WHERE valid_until IS NULL;
CREATE INDEX overlay_secrets_end ON overlay_secrets (valid_until);

CREATE TABLE display_items (
    community_id BIGINT NOT NULL,
    number BIGINT NOT NULL,
    idempotency_key TEXT NOT NULL,
    lane TEXT NOT NULL CHECK (lane IN ('ticker', 'media', 'general', 'alerts')),
    stage TEXT NOT NULL CHECK (stage IN ('live', 'preview')),
    priority INTEGER NOT NULL,
    payload TEXT NOT NULL,
    said TEXT NOT NULL,
    source TEXT NOT NULL,
    seconds DOUBLE PRECISION NOT NULL,
    state TEXT NOT NULL,
    reason TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    starts_at TIMESTAMPTZ,
    ends_at TIMESTAMPTZ,
    PRIMARY KEY (community_id, number)
);
CREATE UNIQUE INDEX display_items_once ON display_items (community_id, idempotency_key);
CREATE INDEX display_items_waiting ON display_items (community_id, stage, state, lane);
CREATE INDEX display_items_age ON display_items (created_at);
