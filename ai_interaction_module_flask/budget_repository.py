"""Reserves answers before a model is asked, and settles them after: parallel questions cannot overrun a budget."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from flask_core.database import AsyncDAL, Tx, UniqueViolation

ANSWER_UNITS = 3
"""What an answer counts; a translation counts one."""

_BUDGET = (
    "INSERT INTO ai_budgets (community_id, day, units, tokens) VALUES (?, ?, ?, ?)"
    " ON CONFLICT (community_id, day) DO UPDATE SET units = ai_budgets.units + excluded.units,"
    " tokens = ai_budgets.tokens + excluded.tokens"
    " WHERE ai_budgets.units + excluded.units <= ? AND ai_budgets.tokens + excluded.tokens <= ? RETURNING units"
)
_SHARE = (
    "INSERT INTO ai_member_usage (community_id, member_id, day, answers) VALUES (?, ?, ?, 1)"
    " ON CONFLICT (community_id, member_id, day) DO UPDATE SET answers = ai_member_usage.answers + 1"
    " WHERE ai_member_usage.answers < ? RETURNING answers"
)
_USAGE = (
    "INSERT INTO ai_usage (community_id, day, kind, answers, tokens_in, tokens_out, refused, failed)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (community_id, day, kind) DO UPDATE SET"
    " answers = ai_usage.answers + excluded.answers, tokens_in = ai_usage.tokens_in + excluded.tokens_in,"
    " tokens_out = ai_usage.tokens_out + excluded.tokens_out, refused = ai_usage.refused + excluded.refused,"
    " failed = ai_usage.failed + excluded.failed"
)
_OPEN = "outcome = 'open'"


class Granted(Enum):
    """Whether there was budget left; `KNOWN` is an execution that came before."""

    YES = "yes"
    MEMBER = "member"
    COMMUNITY = "community"
    KNOWN = "known"


@dataclass(frozen=True, slots=True)
class Reservation:
    """One answer to come: `tokens` is the estimate, `share` the member's limit per day (None for without)."""

    execution_id: str
    community_id: int
    channel: str
    member_id: str
    name: str
    kind: str
    tokens: int
    most_units: int
    most_tokens: int
    share: int | None
    units: int = ANSWER_UNITS


@dataclass(frozen=True, slots=True)
class Settlement:
    """What became of it. `said` and `refused` are paid for, `failed` is given back."""

    outcome: str
    provider: str = ""
    model: str = ""
    reason: str = ""
    tokens_in: int = 0
    tokens_out: int = 0
    milliseconds: int = 0
    sources: str = ""


class _Over(Exception):
    def __init__(self, granted: Granted) -> None:
        super().__init__(granted.value)
        self.granted = granted


class BudgetRepository:
    """The day's row of a community is changed in one statement each time."""

    def __init__(self, database: AsyncDAL) -> None:
        self._database = database

    async def reserve(self, asked: Reservation, now: datetime) -> Granted:
        """Take one answer out of the member's share and the community's budget, or nothing at all."""
        try:
            await self._database.write(lambda tx: _reserve(tx, asked, now))
        except UniqueViolation:
            return Granted.KNOWN
        except _Over as over:
            return over.granted
        return Granted.YES

    async def settle(self, execution_id: str, settled: Settlement) -> bool:
        """Correct what was reserved; False when it was settled before."""
        return await self._database.write(lambda tx: _settle(tx, execution_id, settled))

    async def outcome(self, execution_id: str) -> str | None:
        """What is known of an execution: `open`, an outcome, or None."""
        return await self._database.read(
            lambda tx: tx.value("SELECT outcome FROM ai_answers WHERE execution_id = ?", execution_id)
        )

    async def settle_lost(self, before: datetime) -> int:
        """Give back what a crash left open; how many that were."""
        lost = await self._database.read(
            lambda tx: tx.rows(
                f"SELECT execution_id FROM ai_answers WHERE {_OPEN} AND created_at < ? LIMIT 500",
                before,
            )
        )
        return sum([await self.settle(row[0], Settlement("failed", reason="lost")) for row in lost])

    async def spent(self, community_id: int, day: str) -> tuple[int, int]:
        """Answers (rounded up) and tokens of a day, reserved ones included."""
        row = await self._database.read(
            lambda tx: tx.row(
                "SELECT units, tokens FROM ai_budgets WHERE community_id = ? AND day = ?", community_id, day
            )
        )
        return (0, 0) if row is None else (-(-int(row[0]) // ANSWER_UNITS), int(row[1]))


def _reserve(tx: Tx, asked: Reservation, now: datetime) -> None:
    day = day_of(now)
    if asked.share is not None and (
        asked.share < 1 or tx.value(_SHARE, asked.community_id, asked.member_id, day, asked.share) is None
    ):
        raise _Over(Granted.MEMBER)
    fits = asked.units <= asked.most_units and asked.tokens <= asked.most_tokens
    if not fits or (
        tx.value(_BUDGET, asked.community_id, day, asked.units, asked.tokens, asked.most_units, asked.most_tokens)
        is None
    ):
        raise _Over(Granted.COMMUNITY)
    tx.run(
        "INSERT INTO ai_answers (execution_id, community_id, channel, member_id, name, kind, day, units, share, outcome,"
        " provider, model, reason, tokens, milliseconds, sources, created_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'open', '', '', '', ?, 0, '', ?)",
        asked.execution_id, asked.community_id, asked.channel, asked.member_id, asked.name, asked.kind, day,
        asked.units, 0 if asked.share is None else 1, asked.tokens, now,
    )  # fmt: skip


def _settle(tx: Tx, execution_id: str, settled: Settlement) -> bool:
    tokens = settled.tokens_in + settled.tokens_out
    found = tx.row(
        f"SELECT community_id, member_id, kind, day, units, share, tokens FROM ai_answers"
        f" WHERE execution_id = ? AND {_OPEN}",
        execution_id,
    )
    if found is None or not tx.run(
        "UPDATE ai_answers SET outcome = ?, provider = ?, model = ?, reason = ?, tokens = ?, milliseconds = ?,"
        f" sources = ? WHERE execution_id = ? AND {_OPEN}",
        settled.outcome, settled.provider, settled.model, settled.reason, tokens, settled.milliseconds,
        settled.sources, execution_id,
    ):  # fmt: skip
        return False
    community_id, member_id, kind, day, units, share, estimate = found
    failed = settled.outcome == "failed"
    if failed and share:
        tx.run(
            "UPDATE ai_member_usage SET answers = answers - 1 WHERE community_id = ? AND member_id = ? AND day = ?"
            " AND answers > 0",
            community_id, member_id, day,
        )  # fmt: skip
    tx.run(
        "UPDATE ai_budgets SET units = units - ?, tokens = tokens + ? WHERE community_id = ? AND day = ?",
        units if failed else 0, tokens - estimate, community_id, day,
    )  # fmt: skip
    refused = settled.outcome == "refused"
    tx.run(
        _USAGE, community_id, day, kind, int(not failed), settled.tokens_in, settled.tokens_out, int(refused),
        int(failed),
    )  # fmt: skip
    return True


def day_of(now: datetime) -> str:
    """The day in UTC, `2026-03-11`."""
    return now.date().isoformat()
