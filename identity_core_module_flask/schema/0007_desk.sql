-- What was asked of the desk. `subject` seals whose data it is while that is needed; afterwards nothing names anybody:
-- `person_hash` only recognizes a request that comes again.
CREATE TABLE desk_requests (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('export', 'erase')),
    state TEXT NOT NULL CHECK (state IN ('open', 'incomplete', 'done', 'called_off')),
    person_hash TEXT NOT NULL,
    subject TEXT NOT NULL,
    asked_at TIMESTAMPTZ NOT NULL,
    due_at TIMESTAMPTZ NOT NULL,
    until TIMESTAMPTZ NOT NULL,
    alarmed INTEGER NOT NULL,
    done_at TIMESTAMPTZ
);
CREATE INDEX desk_requests_of ON desk_requests (person_hash, asked_at);
CREATE INDEX desk_requests_age ON desk_requests (asked_at);
CREATE UNIQUE INDEX desk_requests_erasing ON desk_requests (person_hash)
    WHERE kind = 'erase' AND state IN ('open', 'incomplete');

-- One module's part of a request, due work; the part without a module finds out which modules there are.
CREATE TABLE desk_parts (
    id BIGSERIAL PRIMARY KEY,
    request_id TEXT NOT NULL REFERENCES desk_requests (id) ON DELETE CASCADE,
    module TEXT NOT NULL,
    stage INTEGER NOT NULL,
    body TEXT NOT NULL,
    counts TEXT NOT NULL,
    kept TEXT NOT NULL,
    done_at TIMESTAMPTZ,
    status TEXT NOT NULL,
    due_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    claimed_by TEXT NOT NULL,
    claimed_until TIMESTAMPTZ NOT NULL,
    attempts INTEGER NOT NULL,
    last_error TEXT NOT NULL,
    idempotency_key TEXT NOT NULL UNIQUE,
    UNIQUE (request_id, module)
);
CREATE INDEX desk_parts_due ON desk_parts (status, claimed_until);

CREATE TABLE receipts (
    request_id TEXT PRIMARY KEY REFERENCES desk_requests (id) ON DELETE CASCADE,
    text TEXT NOT NULL,
    signature TEXT NOT NULL,
    public_key TEXT NOT NULL
);
