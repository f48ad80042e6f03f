-- Keys that communities brought, sealed; nobody reads them back.
CREATE TABLE ai_secrets (
    community_id BIGINT NOT NULL,
    name TEXT NOT NULL,
    sealed TEXT NOT NULL,
    last4 TEXT NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (community_id, name)
);

-- What is reserved and spent of a day; three units are one answer, so that a third of one can be counted.
CREATE TABLE ai_budgets (
    community_id BIGINT NOT NULL,
    day TEXT NOT NULL,
    units BIGINT NOT NULL,
    tokens BIGINT NOT NULL,
    PRIMARY KEY (community_id, day)
);
CREATE INDEX ai_budgets_age ON ai_budgets (day);

CREATE TABLE ai_usage (
    community_id BIGINT NOT NULL,
    day TEXT NOT NULL,
    kind TEXT NOT NULL,
    answers BIGINT NOT NULL,
    tokens_in BIGINT NOT NULL,
    tokens_out BIGINT NOT NULL,
    refused BIGINT NOT NULL,
    failed BIGINT NOT NULL,
    PRIMARY KEY (community_id, day, kind)
);
CREATE INDEX ai_usage_age ON ai_usage (day);

CREATE TABLE ai_member_usage (
    community_id BIGINT NOT NULL,
    member_id TEXT NOT NULL,
    day TEXT NOT NULL,
    answers BIGINT NOT NULL,
    PRIMARY KEY (community_id, member_id, day)
);
CREATE INDEX ai_member_usage_of ON ai_member_usage (member_id);
CREATE INDEX ai_member_usage_age ON ai_member_usage (day);

-- Every answer without its words; 'open' until it is settled.
CREATE TABLE ai_answers (
    id BIGSERIAL PRIMARY KEY,
    execution_id TEXT NOT NULL UNIQUE,
    community_id BIGINT NOT NULL,
    channel TEXT NOT NULL,
    member_id TEXT NOT NULL,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    day TEXT NOT NULL,
    units BIGINT NOT NULL,
    share BIGINT NOT NULL,
    outcome TEXT NOT NULL,
    provider TEXT NOT NULL,
    model TEXT NOT NULL,
    reason TEXT NOT NULL,
    tokens BIGINT NOT NULL,
    milliseconds BIGINT NOT NULL,
    sources TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX ai_answers_of ON ai_answers (community_id, id);
CREATE INDEX ai_answers_member ON ai_answers (member_id);
CREATE INDEX ai_answers_age ON ai_answers (created_at);
CREATE INDEX ai_answers_open ON ai_answers (outcome, created_at);

-- Answers that took long: said through the router when they are there.
CREATE TABLE ai_jobs (
    id BIGSERIAL PRIMARY KEY,
    execution_id TEXT NOT NULL UNIQUE,
    community_id BIGINT NOT NULL,
    channel TEXT NOT NULL,
    member_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    quiet BOOLEAN NOT NULL,
    status TEXT NOT NULL,
    due_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    claimed_by TEXT NOT NULL,
    claimed_until TIMESTAMPTZ NOT NULL,
    attempts INTEGER NOT NULL,
    last_error TEXT NOT NULL,
    idempotency_key TEXT NOT NULL UNIQUE
);
CREATE INDEX ai_jobs_due ON ai_jobs (status, claimed_until);
CREATE INDEX ai_jobs_age ON ai_jobs (due_at);

-- What moderators decided about a channel.
CREATE TABLE ai_channels (
    community_id BIGINT NOT NULL,
    channel TEXT NOT NULL,
    paused_until TIMESTAMPTZ,
    quiet BOOLEAN NOT NULL,
    PRIMARY KEY (community_id, channel)
);

-- Whether the router knows which lines a community wants answered.
CREATE TABLE ai_wishes (
    community_id BIGINT PRIMARY KEY,
    version BIGINT NOT NULL,
    told BIGINT NOT NULL
);

CREATE TABLE audit (
    id BIGSERIAL PRIMARY KEY,
    community_id BIGINT NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    target TEXT NOT NULL,
    was TEXT NOT NULL,
    became TEXT NOT NULL,
    at TIMESTAMPTZ NOT NULL
);
CREATE INDEX audit_age ON audit (at);
