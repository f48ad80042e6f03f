"""Keeps the addresses at which a program may answer an execution later; of each address only a hash."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask_core.database import AsyncDAL, Tx

_OPEN = (
    "INSERT INTO response_tokens (hash, community_id, execution_id, channel, uses_left, ready_at, expires_at)"
    " VALUES (?, ?, ?, ?, ?, ?, ?)"
)
_TAKE = (
    "UPDATE response_tokens SET uses_left = uses_left - 1, ready_at = ?"
    " WHERE hash = ? AND uses_left > 0 AND ready_at <= ? AND expires_at > ?"
    " RETURNING community_id, execution_id, channel, uses_left"
)
_READY = "SELECT ready_at FROM response_tokens WHERE hash = ? AND uses_left > 0 AND expires_at > ?"
_GIVE_BACK = "UPDATE response_tokens SET uses_left = uses_left + 1, ready_at = ? WHERE hash = ?"


@dataclass(frozen=True, slots=True)
class Use:
    """One use of an address, and how many are left after it."""

    community_id: int
    execution_id: str
    channel: str
    left: int


class ResponseRepository:
    """One row per address, until it is over."""

    def __init__(self, database: AsyncDAL) -> None:
        self._database = database

    async def open(self, hashed: str, use: Use, *, now: datetime, expires_at: datetime) -> None:
        """A new address with `use.left` uses."""
        row = (hashed, use.community_id, use.execution_id, use.channel, use.left, now, expires_at)
        await self._database.write(lambda tx: tx.run(_OPEN, *row))

    async def take(self, hashed: str, *, now: datetime, next_at: datetime) -> Use | datetime | None:
        """The use taken now, or when the next may be taken, or None when the address is over or was never one."""

        def unit(tx: Tx) -> Use | datetime | None:
            for row in tx.rows(_TAKE, next_at, hashed, now, now):
                return Use(*row)
            return next((row[0] for row in tx.rows(_READY, hashed, now)), None)

        return await self._database.write(unit)

    async def give_back(self, hashed: str, *, now: datetime) -> None:
        """Nothing came of the last use."""
        await self._database.write(lambda tx: tx.run(_GIVE_BACK, now, hashed))

    async def forget(self, before: datetime) -> int:
        """Delete what expired before; returns how many."""
        return await self._database.write(lambda tx: tx.run("DELETE FROM response_tokens WHERE expires_at < ?", before))
