"""Times in voice, kept so that a restart neither loses nor doubles a minute."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

import msgspec

from discord_module_flask.voice.sessions import VoiceSession
from flask_core.database import AsyncDAL, Tx
from flask_core.datamodels import Account

KEPT = timedelta(days=30)
_account = msgspec.json.Decoder(Account)
_COLUMNS = "id, guild_id, account, channel_id, counted_at, slice, remainder, pending"


type Told = tuple[str, str, str, int]
"""A guild, somebody there, a day (2026-03-14), and minutes."""


class VoiceRepository:
    """One open session per guild and member."""

    def __init__(self, database: AsyncDAL) -> None:
        self._database = database

    async def keep(
        self, sessions: Sequence[VoiceSession], left_at: datetime | None = None, told: Sequence[Told] = ()
    ) -> None:
        """As they are now; with `left_at` they are over. Minutes that were `told` count for their day, once."""

        def unit(tx: Tx) -> None:
            tx.many(
                "INSERT INTO voice_days (guild_id, user_id, day, minutes) VALUES (?, ?, ?, ?)"
                " ON CONFLICT (guild_id, user_id, day) DO UPDATE SET minutes = voice_days.minutes + excluded.minutes",
                told,
            )
            for one in sessions:
                tx.run(
                    "INSERT INTO voice_sessions (id, guild_id, user_id, account, channel_id, counted_at, slice,"
                    " remainder, pending, left_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET"
                    " channel_id = excluded.channel_id, counted_at = excluded.counted_at, slice = excluded.slice,"
                    " remainder = excluded.remainder, pending = excluded.pending, left_at = excluded.left_at",
                    one.id, one.guild_id, one.account.user_id, msgspec.json.encode(one.account).decode(),
                    one.channel_id, one.counted_at, one.slice, one.remainder, one.pending, left_at,
                )  # fmt: skip

        if sessions or told:
            await self._database.write(unit)

    async def minutes(self, guild_id: str, user_id: str, since: date) -> int:
        """Somebody's minutes in a guild since a day."""
        found = await self._database.read(
            lambda tx: tx.value(
                "SELECT sum(minutes) FROM voice_days WHERE guild_id = ? AND user_id = ? AND day >= ?",
                guild_id, user_id, since.isoformat(),
            )
        )  # fmt: skip
        return int(found or 0)

    async def open(self) -> list[VoiceSession]:
        """All that are not over."""
        rows = await self._database.read(
            lambda tx: tx.rows(f"SELECT {_COLUMNS} FROM voice_sessions WHERE left_at IS NULL")
        )
        return [VoiceSession(row[0], row[1], _account.decode(row[2]), *row[3:]) for row in rows]

    async def forget(self, now: datetime) -> None:
        """Forget what was over long ago."""

        def unit(tx: Tx) -> None:
            tx.run("DELETE FROM voice_sessions WHERE left_at < ?", now - KEPT)
            tx.run("DELETE FROM voice_days WHERE day < ?", (now - KEPT).date().isoformat())

        await self._database.write(unit)
