"""Servers of tools, what admins allowed of them, and what is attached to questions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec

from flask_core.audit import write_down
from flask_core.contracts.ai_tools import ToolChoice
from flask_core.database import AsyncDAL, Tx, UniqueViolation
from flask_core.encryption import Sealer
from flask_core.errors import Conflict, LimitReached, NotFound, Stale

MOST_SERVERS, MOST_TOOLS = 10, 30
_TOOL = "tool, allowed, role, writes, note, schema_hash, suspended"


@dataclass(frozen=True, slots=True)
class ServerRow:
    """A community's server; `headers` are secrets."""

    name: str
    url: str
    headers: dict[str, str] = field(repr=False)
    enabled: bool
    version: int


class ToolRepository:
    """Every change is written down with who made it."""

    def __init__(self, database: AsyncDAL, sealer: Sealer, now: Callable[[], datetime]) -> None:
        self._database = database
        self._sealer = sealer
        self._now = now

    async def servers(self, community_id: int) -> list[ServerRow]:
        """By name."""
        rows = await self._database.read(
            lambda tx: tx.rows(
                "SELECT name, url, headers, enabled, version FROM mcp_servers WHERE community_id = ? ORDER BY name",
                community_id,
            )
        )
        return [
            ServerRow(name, url, msgspec.json.decode(self._sealer.open(headers)), bool(enabled), version)
            for name, url, headers, enabled, version in rows
        ]

    async def add(self, community_id: int, row: ServerRow, by: str) -> None:
        """Keep a new one. Raises Conflict for a known name, LimitReached."""

        def unit(tx: Tx) -> None:
            tx.run(
                "INSERT INTO mcp_servers (community_id, name, url, headers, header_names, enabled, version)"
                " VALUES (?, ?, ?, ?, ?, ?, 1)",
                community_id, row.name, row.url, self._sealed(row), " ".join(row.headers), row.enabled,
            )  # fmt: skip
            if tx.value("SELECT COUNT(*) FROM mcp_servers WHERE community_id = ?", community_id) > MOST_SERVERS:
                raise LimitReached(f"A community has at most {MOST_SERVERS} servers.")
            self._note(tx, community_id, by, "mcp.add", row.name, row.url)

        try:
            await self._database.write(unit)
        except UniqueViolation:
            raise Conflict(f"There is a server {row.name} already.", name=row.name) from None

    async def change(self, community_id: int, row: ServerRow, by: str, fields: str) -> None:
        """Keep what it is now, if nobody else changed it since `row.version`. Raises Stale."""

        def unit(tx: Tx) -> None:
            done = tx.run(
                "UPDATE mcp_servers SET url = ?, headers = ?, header_names = ?, enabled = ?, version = version + 1"
                " WHERE community_id = ? AND name = ? AND version = ?",
                row.url, self._sealed(row), " ".join(row.headers), row.enabled, community_id, row.name, row.version,
            )  # fmt: skip
            if not done:
                raise Stale("Somebody else changed this server meanwhile.", name=row.name)
            self._note(tx, community_id, by, "mcp.change", row.name, fields)

        await self._database.write(unit)

    async def delete(self, community_id: int, name: str, by: str) -> None:
        """Forget it with all that was decided about it. Raises NotFound."""

        def unit(tx: Tx) -> None:
            if not tx.run("DELETE FROM mcp_servers WHERE community_id = ? AND name = ?", community_id, name):
                raise NotFound("There is no such server.")
            for table in ("mcp_tools", "mcp_resources"):
                tx.run(f"DELETE FROM {table} WHERE community_id = ? AND server = ?", community_id, name)
            self._note(tx, community_id, by, "mcp.delete", name, "")

        await self._database.write(unit)

    async def tools(self, community_id: int) -> dict[str, list[ToolChoice]]:
        """Decisions by server."""
        rows = await self._database.read(
            lambda tx: tx.rows(
                f"SELECT server, {_TOOL} FROM mcp_tools WHERE community_id = ? ORDER BY server, tool", community_id
            )
        )
        found: dict[str, list[ToolChoice]] = {}
        for server, *columns in rows:
            found.setdefault(server, []).append(_choice(columns))
        return found

    async def put_tool(self, community_id: int, server: str, choice: ToolChoice, by: str) -> None:
        """Decide about a tool; it is not suspended any more. Raises LimitReached."""

        def unit(tx: Tx) -> None:
            tx.run(
                f"INSERT INTO mcp_tools (community_id, server, {_TOOL}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
                " ON CONFLICT (community_id, server, tool) DO UPDATE SET allowed = excluded.allowed,"
                " role = excluded.role, writes = excluded.writes, note = excluded.note,"
                " schema_hash = excluded.schema_hash, suspended = excluded.suspended",
                community_id, server, choice.tool, choice.allowed, choice.role, choice.writes, choice.note, choice.hash,
                False,
            )  # fmt: skip
            allowed = "SELECT COUNT(*) FROM mcp_tools WHERE community_id = ? AND allowed = ?"
            if tx.value(allowed, community_id, True) > MOST_TOOLS:
                raise LimitReached(f"A community may allow {MOST_TOOLS} tools.")
            became = f"{choice.role}{' writes' if choice.writes else ''}" if choice.allowed else "not allowed"
            self._note(tx, community_id, by, "mcp.tool", f"{server}.{choice.tool}", became)

        await self._database.write(unit)

    async def suspend(self, community_id: int, server: str, tool: str, approved: str) -> bool:
        """Let nobody use it until it is approved anew; True for who noticed first."""

        def unit(tx: Tx) -> bool:
            done = tx.run(
                "UPDATE mcp_tools SET suspended = ? WHERE community_id = ? AND server = ? AND tool = ?"
                " AND schema_hash = ? AND suspended = ?",
                True, community_id, server, tool, approved, False,
            )  # fmt: skip
            if done:
                self._note(tx, community_id, "", "mcp.suspend", f"{server}.{tool}", "changed")
            return bool(done)

        return await self._database.write(unit)

    async def resources(self, community_id: int) -> list[tuple[str, str, int]]:
        """Server, URI and length in characters, in their order."""
        return await self._database.read(
            lambda tx: [
                tuple(row)
                for row in tx.rows(
                    "SELECT server, uri, characters FROM mcp_resources WHERE community_id = ? ORDER BY server, place",
                    community_id,
                )
            ]
        )

    async def put_resources(self, community_id: int, server: str, found: Sequence[tuple[str, int]], by: str) -> None:
        """Attach these of a server instead of those before."""

        def unit(tx: Tx) -> None:
            tx.run("DELETE FROM mcp_resources WHERE community_id = ? AND server = ?", community_id, server)
            for place, (uri, characters) in enumerate(found):
                tx.run(
                    "INSERT INTO mcp_resources (community_id, server, uri, place, characters) VALUES (?, ?, ?, ?, ?)",
                    community_id, server, uri, place, characters,
                )  # fmt: skip
            self._note(tx, community_id, by, "mcp.resources", server, str(len(found)))

        await self._database.write(unit)

    def _sealed(self, row: ServerRow) -> str:
        return self._sealer.seal(msgspec.json.encode(row.headers))

    def _note(self, tx: Tx, community_id: int, by: str, action: str, target: str, became: str) -> None:
        write_down(tx, community_id, by, action, target, "", became, self._now())


def _choice(columns: Sequence[Any]) -> ToolChoice:
    tool, allowed, role, writes, note, schema_hash, suspended = columns
    return ToolChoice(tool, bool(allowed), role, bool(writes), note, schema_hash, bool(suspended))
