-- Of how many shards there are, in all replicas: one row.
CREATE TABLE shard_count (
    id BIGINT PRIMARY KEY,
    shards BIGINT NOT NULL,
    changed_at TIMESTAMPTZ NOT NULL
);
