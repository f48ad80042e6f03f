-- Whether a channel is live, as far as its platform told.
CREATE TABLE channel_states (
    channel TEXT PRIMARY KEY,
    community_id BIGINT NOT NULL,
    live BOOLEAN NOT NULL,
    told_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX channel_states_of ON channel_states (community_id);
