"""Guilds that the bot is in, as far as they are known."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from discord_module_flask.places import Guild
from flask_core.database import AsyncDAL

KEPT = timedelta(days=30)
_decoder = msgspec.json.Decoder(Guild)


class GuildRepository:
    """One row per guild; those that the bot left stay 30 days."""

    def __init__(self, database: AsyncDAL) -> None:
        self._database = database

    async def keep(self, guilds: Sequence[Guild], now: datetime) -> None:
        """In place of what was known."""
        rows = [
            (one.id, one.name, one.owner_id, one.members, msgspec.json.encode(one).decode(), now) for one in guilds
        ]  # fmt: skip
        await self._database.write(
            lambda tx: tx.many(
                "INSERT INTO guilds (guild_id, name, owner_id, members, facts, seen_at) VALUES (?, ?, ?, ?, ?, ?)"
                " ON CONFLICT (guild_id) DO UPDATE SET name = excluded.name, owner_id = excluded.owner_id,"
                " members = excluded.members, facts = excluded.facts, seen_at = excluded.seen_at, left_at = NULL",
                rows,
            )
        )

    async def left(self, guild_id: str, now: datetime) -> None:
        """The bot is there no more."""
        await self._database.write(lambda tx: tx.run("UPDATE guilds SET left_at = ? WHERE guild_id = ?", now, guild_id))

    async def all(self) -> list[Guild]:
        """All that the bot is in."""
        rows = await self._database.read(lambda tx: tx.rows("SELECT facts FROM guilds WHERE left_at IS NULL"))
        return [_decoder.decode(facts) for (facts,) in rows]

    async def some(self, guild_ids: Sequence[str]) -> list[Guild]:
        """Those of `guild_ids` that the bot is in."""
        if not guild_ids:
            return []
        places = ", ".join("?" * len(guild_ids))
        rows = await self._database.read(
            lambda tx: tx.rows(f"SELECT facts FROM guilds WHERE left_at IS NULL AND guild_id IN ({places})", *guild_ids)
        )
        return [_decoder.decode(facts) for (facts,) in rows]

    async def count(self) -> int:
        """How many the bot is in."""
        return int(await self._database.read(lambda tx: tx.value("SELECT count(*) FROM guilds WHERE left_at IS NULL")))

    async def forget(self, now: datetime) -> None:
        """Forget those that the bot left long ago."""
        await self._database.write(lambda tx: tx.run("DELETE FROM guilds WHERE left_at < ?", now - KEPT))
