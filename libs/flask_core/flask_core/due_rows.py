"""Rows of due work: their states, what becomes of them, and the statements that claim and record them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol

from flask_core.database import Tx

AT_ONCE = 50
CLAIM = timedelta(seconds=60)
RETRIES = tuple(timedelta(seconds=seconds) for seconds in (15, 30, 60, 120, 300, 600, 900))


class State(StrEnum):
    """Where a row is. The loop looks at the first two only."""

    WAITING = "waiting"
    HANDED_OVER = "handed_over"
    DELIVERED = "delivered"
    UNCONFIRMED = "unconfirmed"
    FAILED = "failed"
    MISSED = "missed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Result:
    """What becomes of a row: its new state, and the time before which nobody looks at it."""

    state: State
    not_before: datetime
    attempts: int
    key: str
    error: str = ""


@dataclass(frozen=True, slots=True)
class Due[R]:
    """A claimed row: its standard columns, and `row` made of the module's own."""

    id: int
    state: State
    due_at: datetime
    expires_at: datetime
    claimed_by: str
    claimed_until: datetime
    attempts: int
    last_error: str
    key: str
    row: R

    def ends(self, state: State, error: str = "") -> Result:
        """Over; nobody looks again."""
        return Result(state, self.claimed_until, self.attempts, self.key, error)

    def look_again(self, state: State, at: datetime) -> Result:
        """Under way; what became of it is asked at `at`."""
        return Result(state, at, self.attempts, self.key)

    def again(self, now: datetime, error: str, *, after: float = 0, key: str = "") -> Result:
        """Try again after 15 s, 30 s, 1, 2, 5, 10, 15, 15 … min, at least `after` seconds; too late is missed.

        A row that was handed over already ends as unconfirmed instead. With `key` it is tried afresh under that.
        """
        wait = max(RETRIES[min(self.attempts, len(RETRIES) - 1)], timedelta(seconds=after))
        fresh = bool(key) or self.state is State.WAITING
        if now + wait >= self.expires_at:
            return self.ends(State.MISSED if fresh else State.UNCONFIRMED, error)
        return Result(State.WAITING if fresh else self.state, now + wait, self.attempts + 1, key or self.key, error)


class DueRows[R](Protocol):
    """What a module's repository offers the loop."""

    async def claim(self, owner: str, now: datetime, limit: int) -> list[Due[R]]:
        """Rows that are `owner`'s from now on for a minute: `claim_due` in a write unit."""
        ...

    async def record(self, due: Due[R], result: Result) -> None:
        """Keep what became of a row: `record_due` in a write unit, and what else follows when it is True."""
        ...


_STANDARD = "id, status, due_at, expires_at, claimed_by, claimed_until, attempts, last_error, idempotency_key"
_STANDARD_COUNT = 9


def claim_due[R](
    tx: Tx, table: str, columns: str, make: Callable[..., R], *, owner: str, now: datetime, limit: int = AT_ONCE
) -> list[Due[R]]:
    """Claim what is due, the longest waiting first. `make` gets the values of `columns` (names with commas)."""
    found = tx.rows(
        f"UPDATE {table} SET claimed_by = ?, claimed_until = ? WHERE id IN (SELECT id FROM {table}"  # noqa: S608
        f" WHERE status IN ('waiting', 'handed_over') AND claimed_until <= ? ORDER BY claimed_until LIMIT ?"
        f"{tx.skip_locked}) RETURNING {_STANDARD}, {columns}",
        owner,
        now + CLAIM,
        now,
        limit,
    )
    claimed = [_due(row, make) for row in found]
    return sorted(claimed, key=lambda due: due.due_at)


def _due[R](row: tuple[Any, ...], make: Callable[..., R]) -> Due[R]:
    standard, own = row[:_STANDARD_COUNT], row[_STANDARD_COUNT:]
    number, state, due_at, expires_at, claimed_by, claimed_until, attempts, last_error, key = standard
    return Due(
        number, State(state), due_at, expires_at, claimed_by, claimed_until, attempts, last_error, key, make(*own)
    )


def record_due(tx: Tx, table: str, due: Due[Any], result: Result) -> bool:
    """False, and nothing is changed, when the row was cancelled or claimed by somebody else meanwhile."""
    return bool(
        tx.run(
            f"UPDATE {table} SET status = ?, claimed_by = '', claimed_until = ?, attempts = ?, last_error = ?,"  # noqa: S608
            " idempotency_key = ? WHERE id = ? AND claimed_by = ? AND status = ?",
            result.state.value,
            result.not_before,
            result.attempts,
            result.error,
            result.key,
            due.id,
            due.claimed_by,
            due.state.value,
        )
    )
