"""Votes on entries."""

from __future__ import annotations

from datetime import datetime

from flask_core.database import AsyncDAL, Tx


class VoteRepository:
    """The sum in `memories` is counted anew from the votes, so the two cannot part."""

    def __init__(self, database: AsyncDAL) -> None:
        self._database = database

    async def set_vote(self, memory_id: int, member_id: str, value: int, now: datetime) -> int:
        """Keep, change or (0) take back a vote; returns the sum."""

        def unit(tx: Tx) -> int:
            if value == 0:
                tx.run("DELETE FROM memory_votes WHERE memory_id = ? AND member_id = ?", memory_id, member_id)
            else:
                tx.run(
                    "INSERT INTO memory_votes (memory_id, member_id, value, voted_at) VALUES (?, ?, ?, ?)"
                    " ON CONFLICT (memory_id, member_id) DO UPDATE SET value = excluded.value,"
                    " voted_at = excluded.voted_at",
                    memory_id, member_id, value, now,
                )  # fmt: skip
            return count_again(tx, memory_id)

        return await self._database.write(unit)

    async def of_member(self, memory_ids: list[int], member_id: str) -> dict[int, int]:
        """The member's own votes on some entries."""
        if not memory_ids:
            return {}
        places = ", ".join("?" * len(memory_ids))
        rows = await self._database.read(
            lambda tx: tx.rows(
                f"SELECT memory_id, value FROM memory_votes WHERE member_id = ? AND memory_id IN ({places})",
                member_id,
                *memory_ids,
            )
        )
        return dict(rows)


def count_again(tx: Tx, memory_id: int) -> int:
    """Make the sum of an entry right; returns it."""
    # The entry's row is the lock, taken before we look: two votes at once would each count without the other.
    tx.run("UPDATE memories SET votes = votes WHERE id = ?", memory_id)
    return int(
        tx.value(
            "UPDATE memories SET votes = (SELECT coalesce(sum(value), 0) FROM memory_votes WHERE memory_id = ?)"
            " WHERE id = ? RETURNING votes",
            memory_id,
            memory_id,
        )
    )
