"""What moderators decided about a channel: paused until when, and whether it is answered unasked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import NamedTuple

from flask_core.audit import write_down
from flask_core.database import AsyncDAL, Tx

FOR_EVER = datetime(9999, 1, 1, tzinfo=UTC)


class Channel(NamedTuple):
    """`paused_until` None for not at all; a `quiet` channel gets answers to commands only."""

    paused_until: datetime | None = None
    quiet: bool = False


class Channels:
    """One row per channel in which somebody decided something."""

    def __init__(self, database: AsyncDAL, now: Callable[[], datetime]) -> None:
        self._database = database
        self.now = now

    async def of(self, community_id: int, channel: str) -> Channel:
        """What holds now; a pause that is over is none."""
        row = await self._database.read(
            lambda tx: tx.row(
                "SELECT paused_until, quiet FROM ai_channels WHERE community_id = ? AND channel = ?",
                community_id, channel,
            )
        )  # fmt: skip
        if row is None:
            return Channel()
        return Channel(row[0] if row[0] is not None and row[0] > self.now() else None, bool(row[1]))

    async def pause(self, community_id: int, channel: str, until: datetime | None, by: str) -> None:
        """Pause until then; None ends a pause."""
        await self._change(community_id, channel, "paused_until", until, by)

    async def hush(self, community_id: int, channel: str, *, quiet: bool, by: str) -> None:
        """Stop or allow answers that nobody asked for."""
        await self._change(community_id, channel, "quiet", quiet, by)

    async def _change(self, community_id: int, channel: str, column: str, value: object, by: str) -> None:
        def unit(tx: Tx) -> None:
            tx.run(
                "INSERT INTO ai_channels (community_id, channel, paused_until, quiet) VALUES (?, ?, NULL, ?)"
                " ON CONFLICT (community_id, channel) DO NOTHING",
                community_id, channel, False,
            )  # fmt: skip
            tx.run(
                f"UPDATE ai_channels SET {column} = ? WHERE community_id = ? AND channel = ?",  # noqa: S608
                value, community_id, channel,
            )  # fmt: skip
            write_down(tx, community_id, by, f"channel.{column}", channel, "", str(value), self.now())

        await self._database.write(unit)
