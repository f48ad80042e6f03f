"""Which event of a server stands for which key of a module."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask_core.database import AsyncDAL

KEPT = timedelta(days=30)


class ScheduledRepository:
    """One row per server and key, until a month after the event."""

    def __init__(self, database: AsyncDAL) -> None:
        self._database = database

    async def find(self, guild_id: str, key: str) -> str:
        """Discord's id of the event; "" when there is none."""
        found = await self._database.read(
            lambda tx: tx.value(
                "SELECT event_id FROM scheduled_events WHERE guild_id = ? AND event_key = ?", guild_id, key
            )
        )
        return str(found or "")

    async def keep(self, guild_id: str, key: str, event_id: str, ends_at: datetime) -> None:
        """It is there, until then."""
        await self._database.write(
            lambda tx: tx.run(
                "INSERT INTO scheduled_events (guild_id, event_key, event_id, ends_at) VALUES (?, ?, ?, ?)"
                " ON CONFLICT (guild_id, event_key) DO UPDATE SET event_id = excluded.event_id,"
                " ends_at = excluded.ends_at",
                guild_id, key, event_id, ends_at,
            )
        )  # fmt: skip

    async def drop(self, guild_id: str, key: str) -> None:
        """It is there no more."""
        await self._database.write(
            lambda tx: tx.run("DELETE FROM scheduled_events WHERE guild_id = ? AND event_key = ?", guild_id, key)
        )

    async def forget(self, now: datetime) -> None:
        """Events that were over long ago."""
        await self._database.write(lambda tx: tx.run("DELETE FROM scheduled_events WHERE ends_at < ?", now - KEPT))
