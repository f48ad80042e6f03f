"""Which community a channel belongs to: at most one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from community_module_flask.audit import audit
from flask_core.contracts.community import Channel
from flask_core.database import AsyncDAL, Tx
from flask_core.datamodels import ChannelKey
from flask_core.errors import Conflict

_COLUMNS = "platform, server_id, channel_id, community_id, name, platform_roles, enabled, version"
DELETED = "(SELECT id FROM communities WHERE status = 'deleted')"


class ChannelRepository:
    """One home per channel is a constraint of the table."""

    def __init__(self, database: AsyncDAL) -> None:
        self._database = database

    async def attach(self, community_id: int, key: ChannelKey, name: str, actor: str, now: datetime) -> Channel:
        """Attach a channel; the same again changes its name. Raises Conflict when another community has it."""
        return await self._database.write(lambda tx: _attach(tx, community_id, key, name, actor, now))

    async def detach(self, community_id: int, key: ChannelKey, actor: str, now: datetime) -> bool:
        """Detach a channel; False when it was not attached here."""

        def unit(tx: Tx) -> bool:
            gone = tx.run(
                "DELETE FROM community_channels WHERE community_id = ? AND platform = ? AND server_id = ?"
                " AND channel_id = ?",
                community_id, key.platform.value, key.server_id, key.channel_id,
            )  # fmt: skip
            if gone:
                audit(tx, community_id, actor, "channel.detach", str(key), "", "", now)
            return bool(gone)

        return await self._database.write(unit)

    async def left_of(self, community_id: int) -> list[str]:
        """Keys of a community's channels, and `platform:server:*` of its servers, also of a deleted one's."""
        rows = await self._database.read(
            lambda tx: tx.rows(
                "SELECT platform, server_id, channel_id FROM community_channels WHERE community_id = ?"
                " UNION ALL SELECT platform, server_id, '*' FROM community_servers WHERE community_id = ?",
                community_id,
                community_id,
            )
        )
        return [":".join(row) for row in rows]

    async def channels(self, community_id: int | None = None, platform: str = "") -> list[Channel]:
        """Channels of a community, or of a platform in all communities; those of deleted ones are nobody's."""
        rows: Sequence[tuple[Any, ...]] = await self._database.read(
            lambda tx: tx.rows(
                f"SELECT {_COLUMNS} FROM community_channels WHERE (? = 0 OR community_id = ?) AND (? = '' OR platform = ?)"
                f" AND community_id NOT IN {DELETED} ORDER BY platform, attached_at LIMIT 10000",
                community_id or 0,
                community_id or 0,
                platform,
                platform,
            )
        )
        return [_channel(row) for row in rows]


def _attach(tx: Tx, community_id: int, key: ChannelKey, name: str, actor: str, now: datetime) -> Channel:
    place = (key.platform.value, key.server_id, key.channel_id)
    tx.run(
        "INSERT INTO community_channels (platform, server_id, channel_id, community_id, name, platform_roles, enabled,"
        " version, attached_at) VALUES (?, ?, ?, ?, ?, ?, ?, 1, ?) ON CONFLICT (platform, server_id, channel_id)"
        " DO UPDATE SET name = excluded.name, community_id = excluded.community_id,"
        " version = community_channels.version + 1 WHERE community_channels.community_id = excluded.community_id"
        f" OR community_channels.community_id IN {DELETED}",
        *place, community_id, name, True, True, now,
    )  # fmt: skip
    row = tx.row(
        f"SELECT {_COLUMNS} FROM community_channels WHERE platform = ? AND server_id = ? AND channel_id = ?",
        *place,
    )
    assert row is not None
    if row[3] != community_id:
        raise Conflict(f"This channel belongs to community #{row[3]}. Detach it there first.", community_id=row[3])
    audit(tx, community_id, actor, "channel.attach", str(key), "", name, now)
    return _channel(row)


def _channel(row: Sequence[Any]) -> Channel:
    key = ChannelKey(row[0], row[1], row[2])
    return Channel(str(key), row[3], row[4], bool(row[5]), bool(row[6]), row[7])
