-- Commands that exist in one community only, pushed as whole sets.
CREATE TABLE dynamic_sets (
    community_id BIGINT PRIMARY KEY,
    version BIGINT NOT NULL,
    changed_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE dynamic_commands (
    community_id BIGINT NOT NULL,
    name TEXT NOT NULL,
    module TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (community_id, name)
);

-- Which module answers words that several declare; '' is none.
CREATE TABLE command_groups (
    community_id BIGINT NOT NULL,
    "group" TEXT NOT NULL,
    module TEXT NOT NULL,
    changed_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (community_id, "group")
);

-- url is where it is called: an address, a function or an action, as kind says; only webhooks have a secret.
ALTER TABLE external_modules ADD COLUMN kind TEXT NOT NULL DEFAULT 'webhook';

-- What a community lets a third party's module read and do; without a row that is what carries no risk.
CREATE TABLE granted_scopes (
    community_id BIGINT NOT NULL,
    module TEXT NOT NULL,
    scopes TEXT NOT NULL,
    changed_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (community_id, module)
);
