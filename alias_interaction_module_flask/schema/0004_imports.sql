-- What is brought from another bot: the import is a row of due work while it fetches, applies or takes back.
CREATE TABLE imports (
    id BIGSERIAL PRIMARY KEY,
    community_id BIGINT NOT NULL,
    source TEXT NOT NULL CHECK (source IN ('nightbot', 'streamelements', 'file')),
    origin TEXT NOT NULL,
    channel TEXT NOT NULL,
    phase TEXT NOT NULL,
    fetched INTEGER NOT NULL,
    person_id TEXT NOT NULL,
    person_name TEXT NOT NULL,
    person_role INTEGER NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    applied_at TIMESTAMPTZ,
    status TEXT NOT NULL,
    due_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    claimed_by TEXT NOT NULL,
    claimed_until TIMESTAMPTZ NOT NULL,
    attempts INTEGER NOT NULL,
    last_error TEXT NOT NULL,
    idempotency_key TEXT NOT NULL UNIQUE
);
CREATE INDEX imports_due ON imports (status, claimed_until);
CREATE INDEX imports_of ON imports (community_id, id);
CREATE INDEX imports_by ON imports (person_id);
CREATE INDEX imports_age ON imports (created_at);
CREATE UNIQUE INDEX imports_one_running ON imports (community_id) WHERE phase IN ('fetching', 'applying', 'undoing');

-- What the other bot's API answered, page by page, so that a newer translator can read it again.
CREATE TABLE import_pages (
    import_id BIGINT NOT NULL REFERENCES imports (id) ON DELETE CASCADE,
    part TEXT NOT NULL,
    page INTEGER NOT NULL,
    answer TEXT NOT NULL,
    last BOOLEAN NOT NULL,
    PRIMARY KEY (import_id, part, page)
);

CREATE TABLE import_rows (
    id BIGSERIAL PRIMARY KEY,
    import_id BIGINT NOT NULL REFERENCES imports (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    external_id TEXT NOT NULL,
    name TEXT NOT NULL,
    original TEXT NOT NULL,
    becomes TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('ok', 'review', 'conflict', 'unsupported', 'unchanged')),
    notes TEXT NOT NULL,
    ours TEXT NOT NULL,
    base TEXT NOT NULL,
    choice TEXT NOT NULL CHECK (choice IN ('', 'accept', 'skip', 'rename', 'replace')),
    outcome TEXT NOT NULL,
    said TEXT NOT NULL,
    before TEXT NOT NULL,
    undone TEXT NOT NULL,
    UNIQUE (import_id, kind, external_id)
);

-- What an import made, for as long as it lives: by this a later import knows what is its own and who changed it.
CREATE TABLE import_links (
    community_id BIGINT NOT NULL,
    source TEXT NOT NULL,
    kind TEXT NOT NULL,
    external_id TEXT NOT NULL,
    result_id TEXT NOT NULL,
    version BIGINT NOT NULL,
    base TEXT NOT NULL,
    PRIMARY KEY (community_id, source, kind, external_id)
);

-- Only while an import needs them.
CREATE TABLE import_tokens (
    community_id BIGINT NOT NULL,
    source TEXT NOT NULL,
    sealed TEXT NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (community_id, source)
);
CREATE INDEX import_tokens_age ON import_tokens (expires_at);

-- People who were sent to the other bot and have not come back yet.
CREATE TABLE import_states (
    state_hash TEXT PRIMARY KEY,
    person_id TEXT NOT NULL,
    community_id BIGINT NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX import_states_of ON import_states (person_id);
