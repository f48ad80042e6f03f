"""Which community a whole guild or workspace belongs to: at most one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from community_module_flask.audit import audit
from community_module_flask.channel_repository import DELETED
from flask_core.contracts.community_servers import Server
from flask_core.database import AsyncDAL, Tx
from flask_core.errors import Conflict

_COLUMNS = "platform, server_id, community_id, name"


class ServerRepository:
    """One home per server is a constraint of the table; a channel's own home is looked for first."""

    def __init__(self, database: AsyncDAL) -> None:
        self._database = database

    async def attach(self, server: Server, actor: str, now: datetime) -> Server:
        """Attach a server; the same again changes its name. Raises Conflict when another community has it."""
        return await self._database.write(lambda tx: _attach(tx, server, actor, now))

    async def detach(self, server: Server, actor: str, now: datetime) -> bool:
        """Detach a server; False when it was not attached there."""

        def unit(tx: Tx) -> bool:
            gone = tx.run(
                "DELETE FROM community_servers WHERE community_id = ? AND platform = ? AND server_id = ?",
                server.community_id, server.platform, server.server_id,
            )  # fmt: skip
            if gone:
                audit(tx, server.community_id, actor, "server.detach", server.channels, "", "", now)
            return bool(gone)

        return await self._database.write(unit)

    async def servers(self, community_id: int | None = None, platform: str = "") -> list[Server]:
        """Servers of a community, or of a platform in all communities; those of deleted ones are nobody's."""
        rows: Sequence[tuple[Any, ...]] = await self._database.read(
            lambda tx: tx.rows(
                f"SELECT {_COLUMNS} FROM community_servers WHERE (? = 0 OR community_id = ?) AND (? = '' OR platform = ?)"
                f" AND community_id NOT IN {DELETED} ORDER BY platform, attached_at LIMIT 10000",
                community_id or 0,
                community_id or 0,
                platform,
                platform,
            )
        )
        return [Server(*row) for row in rows]


def _attach(tx: Tx, server: Server, actor: str, now: datetime) -> Server:
    tx.run(
        "INSERT INTO community_servers (platform, server_id, community_id, name, version, attached_at)"
        " VALUES (?, ?, ?, ?, 1, ?) ON CONFLICT (platform, server_id) DO UPDATE SET name = excluded.name,"
        " community_id = excluded.community_id, version = community_servers.version + 1"
        " WHERE community_servers.community_id = excluded.community_id"
        f" OR community_servers.community_id IN {DELETED}",
        server.platform, server.server_id, server.community_id, server.name, now,
    )  # fmt: skip
    row = tx.row(
        f"SELECT {_COLUMNS} FROM community_servers WHERE platform = ? AND server_id = ?",
        server.platform, server.server_id,
    )  # fmt: skip
    assert row is not None
    if row[2] != server.community_id:
        raise Conflict(f"This server belongs to community #{row[2]}. Detach it there first.", community_id=row[2])
    audit(tx, server.community_id, actor, "server.attach", server.channels, "", server.name, now)
    return Server(*row)
