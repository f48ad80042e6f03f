"""Which commands each guild shows, by a hash."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask_core.database import AsyncDAL


@dataclass(frozen=True, slots=True)
class Synced:
    """What a guild was told last; `made` commands were made on `day`."""

    hash: str
    at: datetime
    commands: int
    day: str
    made: int


class SyncRepository:
    """One row per guild."""

    def __init__(self, database: AsyncDAL) -> None:
        self._database = database

    async def all(self) -> dict[str, Synced]:
        """By guild."""
        rows = await self._database.read(
            lambda tx: tx.rows("SELECT guild_id, hash, synced_at, commands, day, made FROM command_sync")
        )
        return {guild: Synced(*rest) for guild, *rest in rows}

    async def keep(self, guild_id: str, synced: Synced) -> None:
        """In place of what was there."""
        values = (synced.hash, synced.at, synced.commands, synced.day, synced.made)
        await self._database.write(
            lambda tx: tx.run(
                "INSERT INTO command_sync (guild_id, hash, synced_at, commands, day, made) VALUES (?, ?, ?, ?, ?, ?)"
                " ON CONFLICT (guild_id) DO UPDATE SET hash = excluded.hash, synced_at = excluded.synced_at,"
                " commands = excluded.commands, day = excluded.day, made = excluded.made",
                guild_id, *values,
            )
        )  # fmt: skip

    async def forget(self, guild_id: str) -> None:
        """The bot left."""
        await self._database.write(lambda tx: tx.run("DELETE FROM command_sync WHERE guild_id = ?", guild_id))
