"""The operator's servers of tools: programs and addresses out of the file that `AI_MCP_CONFIG` names."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec

from flask_core.config import ConfigError

_NAME = re.compile(r"[a-z][a-z0-9_]{0,19}")


class OperatorServer(msgspec.Struct, frozen=True, omit_defaults=True):
    """A program that is started here, or an address."""

    command: str = ""
    args: tuple[str, ...] = ()
    env: dict[str, str] = {}
    cwd: str | None = None
    url: str = ""
    headers: dict[str, str] = {}


class _File(msgspec.Struct):
    servers: dict[str, OperatorServer] = msgspec.field(name="mcpServers", default_factory=dict)


def operator_servers(path: str) -> dict[str, OperatorServer]:
    """The servers by name; none without a file. Raises ConfigError."""
    if not path:
        return {}
    try:
        servers = msgspec.json.decode(Path(path).read_bytes(), type=_File).servers
    except OSError as error:
        raise ConfigError(f"AI_MCP_CONFIG cannot be read: {error.strerror}.") from error
    except msgspec.MsgspecError as error:
        raise ConfigError(f"AI_MCP_CONFIG is not as expected: {error}.") from error
    for name, server in servers.items():
        if not _NAME.fullmatch(name):
            raise ConfigError(f"AI_MCP_CONFIG: {name!r} is no name: use a-z, 0-9 and _, at most 20.")
        if bool(server.command) == bool(server.url):
            raise ConfigError(f"AI_MCP_CONFIG: {name} needs either a command or a url.")
    return servers
