-- What triggers look after, one process at a time. Whether it is live and whose it is are told by different people.
CREATE TABLE claims (
    resource TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    priority INTEGER NOT NULL,
    viewers BIGINT NOT NULL,
    live BOOLEAN NOT NULL,
    holder TEXT NOT NULL,
    claimed_until TIMESTAMPTZ NOT NULL,
    seen_at TIMESTAMPTZ NOT NULL,
    idle_since TIMESTAMPTZ NOT NULL,
    errors INTEGER NOT NULL,
    failed_at TIMESTAMPTZ NOT NULL,
    last_error TEXT NOT NULL,
    parked_until TIMESTAMPTZ NOT NULL
);
CREATE INDEX claims_of_kind ON claims (kind, holder);
