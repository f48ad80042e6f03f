-- Servers of tools that communities brought; headers are sealed, only their names are told.
CREATE TABLE mcp_servers (
    id BIGSERIAL PRIMARY KEY,
    community_id BIGINT NOT NULL,
    name TEXT NOT NULL,
    url TEXT NOT NULL,
    headers TEXT NOT NULL,
    header_names TEXT NOT NULL,
    enabled BOOLEAN NOT NULL,
    version BIGINT NOT NULL,
    UNIQUE (community_id, name)
);

-- What admins decided about a tool, of their own servers or the operator's; the hash is of what they saw then.
CREATE TABLE mcp_tools (
    community_id BIGINT NOT NULL,
    server TEXT NOT NULL,
    tool TEXT NOT NULL,
    allowed BOOLEAN NOT NULL,
    role TEXT NOT NULL,
    writes BOOLEAN NOT NULL,
    note TEXT NOT NULL,
    schema_hash TEXT NOT NULL,
    suspended BOOLEAN NOT NULL,
    PRIMARY KEY (community_id, server, tool)
);

-- What is attached to every question.
CREATE TABLE mcp_resources (
    community_id BIGINT NOT NULL,
    server TEXT NOT NULL,
    uri TEXT NOT NULL,
    place BIGINT NOT NULL,
    characters BIGINT NOT NULL,
    PRIMARY KEY (community_id, server, uri)
);

-- Channels whose lines are translated, and into what.
CREATE TABLE ai_translations (
    community_id BIGINT NOT NULL,
    channel TEXT NOT NULL,
    language TEXT NOT NULL,
    PRIMARY KEY (community_id, channel)
);
