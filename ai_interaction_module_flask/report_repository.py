"""What was used: per day and kind, per member, answer by answer. No words, for none are kept."""

from __future__ import annotations

from datetime import datetime, timedelta

from ai_interaction_module_flask.budget_repository import day_of
from flask_core.contracts import ai
from flask_core.database import AsyncDAL, Tx

_MOST_ROWS, _MOST_DAYS, _TOP, _LATENCIES = 1_000, 400, 10, 2_000
_COLUMNS = (
    "id, created_at, channel, member_id, name, kind, outcome, reason, provider, model, tokens, milliseconds, sources"
)
_MOST = 100


class ReportRepository:
    """Reads only."""

    def __init__(self, database: AsyncDAL) -> None:
        self._database = database

    async def usage(self, asked: ai.UsageOf, now: datetime) -> ai.Usage:
        """Rows of the days asked for, newest first."""
        since = asked.since or day_of(now - timedelta(days=30))
        until = asked.until or day_of(now)

        def unit(tx: Tx) -> ai.Usage:
            rows = tx.rows(
                "SELECT day, kind, answers, tokens_in, tokens_out, refused, failed FROM ai_usage"
                " WHERE community_id = ? AND day BETWEEN ? AND ? ORDER BY day DESC, kind LIMIT ?",
                asked.community_id, since, until, _MOST_ROWS,
            )  # fmt: skip
            times = tx.rows(
                "SELECT milliseconds FROM ai_answers WHERE community_id = ? AND outcome = 'said'"
                " AND day BETWEEN ? AND ? ORDER BY id DESC LIMIT ?",
                asked.community_id, since, until, _LATENCIES,
            )  # fmt: skip
            top = tx.rows(
                "SELECT member_id, MAX(name), COUNT(*) AS n FROM ai_answers WHERE community_id = ? AND member_id <> ''"
                " AND outcome <> 'failed' AND day BETWEEN ? AND ? GROUP BY member_id ORDER BY n DESC, member_id LIMIT ?",
                asked.community_id, since, until, _TOP,
            )  # fmt: skip
            took = sorted(row[0] for row in times)
            return ai.Usage(
                tuple(ai.UsageRow(*row) for row in rows), _share(took, 0.5), _share(took, 0.95),
                tuple(ai.MemberUsage(*row) for row in top),
            )  # fmt: skip

        return await self._database.read(unit)

    async def answers(self, asked: ai.AnswersOf) -> ai.AnswerPage:
        """A page, newest first."""
        per_page, page = min(max(1, asked.per_page), _MOST), max(1, asked.page)
        where, values = (
            "community_id = ? AND (? = '' OR member_id = ?)",
            (asked.community_id, asked.member, asked.member),
        )

        def unit(tx: Tx) -> ai.AnswerPage:
            rows = tx.rows(
                f"SELECT {_COLUMNS} FROM ai_answers WHERE {where} ORDER BY id DESC LIMIT ? OFFSET ?",
                *values, per_page, (page - 1) * per_page,
            )  # fmt: skip
            total = tx.value(f"SELECT COUNT(*) FROM ai_answers WHERE {where}", *values)
            return ai.AnswerPage(tuple(_view(row) for row in rows), page, per_page, int(total))

        return await self._database.read(unit)


def _view(row: tuple[object, ...]) -> ai.AnswerView:
    *fields, sources = row
    return ai.AnswerView(*fields, tuple(str(sources).split()))  # type: ignore[arg-type, call-arg]


def _share(ordered: list[int], share: float) -> int:
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0
