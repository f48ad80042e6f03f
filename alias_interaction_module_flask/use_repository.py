"""How often commands were used, by day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from flask_core.database import AsyncDAL


class Uses(msgspec.Struct, frozen=True):
    """In all that is remembered, and lastly when."""

    uses: int = 0
    last_used_at: datetime | None = None


class UseRepository:
    """One row per command and day that it was used on."""

    def __init__(self, database: AsyncDAL) -> None:
        self._database = database

    async def count(self, command_id: int, now: datetime) -> None:
        """It was used once more, on that day."""
        await self._database.write(
            lambda tx: tx.run(
                "INSERT INTO command_uses (command_id, day, uses, last_used_at) VALUES (?, ?, 1, ?)"
                " ON CONFLICT (command_id, day) DO UPDATE SET uses = command_uses.uses + 1,"
                " last_used_at = excluded.last_used_at",
                command_id, now.date().isoformat(), now,
            )
        )  # fmt: skip

    async def of(self, command_ids: Sequence[int]) -> dict[int, Uses]:
        """By id; commands that nobody used are not in it."""
        if not command_ids:
            return {}
        places = ", ".join("?" * len(command_ids))
        found = await self._database.read(
            lambda tx: tx.rows(
                "SELECT command_id, sum(uses), max(last_used_at) FROM command_uses"
                f" WHERE command_id IN ({places}) GROUP BY command_id",
                *command_ids,
            )
        )
        return {command_id: Uses(int(uses), last) for command_id, uses, last in found}
