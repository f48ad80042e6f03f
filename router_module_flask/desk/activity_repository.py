"""Who is here, what happened just now, what ran: read from traces, without a text that is no longer kept."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from flask_core.contracts import desk
from flask_core.database import AsyncDAL, Tx

JUST_NOW = timedelta(minutes=15)
# Replicas commit side by side: what was recorded this much earlier may have become visible later.
_OVERLAP = timedelta(seconds=2)
# How long before its record something may have happened: the longest command, and a minute in a queue.
_LATE = timedelta(seconds=90)
_MOST_CHATTERS, _MOST_HAPPENED, _MOST_PER_PAGE = 1_000, 200, 100
_TYPED = "t.had_text = ? AND t.message_type IN ('chatMessage', 'slashCommand')"
_HAPPENED = (
    "SELECT t.event_id, t.message_type, t.channel, t.occurred_at, t.speaker, m.text, t.command, t.outcome, t.steps"
    " FROM traces t LEFT JOIN messages m ON m.event_id = t.event_id WHERE t.community_id = ? AND t.occurred_at > ?"
)
_LAST_HAPPENED = " ORDER BY t.occurred_at DESC, t.event_id DESC LIMIT ?"
_LAST_RECORDED = " ORDER BY t.recorded_at DESC, t.event_id DESC LIMIT ?"
_RUNS = " FROM module_runs WHERE community_id = ? AND (? = '' OR module = ?) AND (? = '' OR outcome = ?)"
_RUN = "SELECT execution_id, event_id, member_id, module, command, outcome, ms, ran_at"
_steps = msgspec.json.Decoder(list[tuple[str, bool, str, float]])


class ActivityRepository:
    """Everything of one community at a time."""

    def __init__(self, database: AsyncDAL) -> None:
        self._database = database

    async def chatters(self, community_id: int, channel: str, since: datetime) -> list[desk.Chatter]:
        """Accounts that wrote there since then, who wrote last first."""
        platform = channel.partition(":")[0]
        rows = await self._database.read(
            lambda tx: tx.rows(
                "SELECT t.user_id, max(t.speaker), max(t.member_id), max(t.occurred_at) FROM traces t"
                " WHERE t.community_id = ? AND t.occurred_at > ? AND t.channel = ? AND t.user_id <> ''"
                f" AND {_TYPED} GROUP BY t.user_id ORDER BY max(t.occurred_at) DESC LIMIT ?",
                community_id, since, channel, True, _MOST_CHATTERS,
            )
        )  # fmt: skip
        return [desk.Chatter(platform, user_id, name, member, at) for user_id, name, member, at in rows]

    async def of_account(self, community_id: int, platform: str, user_id: str) -> desk.MemberActivity:
        """When an account was last seen, and last wrote."""

        def newest(tx: Tx, condition: str, *values: object) -> datetime | None:
            found: datetime | None = tx.value(
                "SELECT t.occurred_at FROM traces t WHERE t.user_id = ? AND t.community_id = ? AND t.channel LIKE ?"
                f"{condition} ORDER BY t.occurred_at DESC LIMIT 1",
                user_id, community_id, f"{platform}:%", *values,
            )  # fmt: skip
            return found

        return await self._database.read(
            lambda tx: desk.MemberActivity(newest(tx, ""), newest(tx, f" AND {_TYPED}", True))
        )

    async def happened(self, asked: desk.ListActivity, now: datetime) -> list[desk.Happened]:
        """The newest, in the order of recording; behind `after`, with what was recorded around it once more."""
        limit = min(max(1, asked.limit), _MOST_HAPPENED)
        return await self._database.read(lambda tx: _happened(tx, asked, now - JUST_NOW, limit))

    async def executions(self, asked: desk.ListExecutions) -> desk.ExecutionPage:
        """A page of runs, newest first."""
        per_page, page = min(max(1, asked.per_page), _MOST_PER_PAGE), max(1, asked.page)
        wanted = (asked.community_id, asked.module, asked.module, asked.outcome, asked.outcome)
        rows, total = await self._database.read(
            lambda tx: (
                tx.rows(
                    f"{_RUN}{_RUNS} ORDER BY ran_at DESC, execution_id DESC LIMIT ? OFFSET ?",
                    *wanted, per_page, (page - 1) * per_page,
                ),
                tx.value(f"SELECT count(*){_RUNS}", *wanted),
            )
        )  # fmt: skip
        return desk.ExecutionPage(tuple(desk.ExecutionView(*row) for row in rows), page, per_page, int(total))


def _happened(tx: Tx, asked: desk.ListActivity, since: datetime, limit: int) -> list[desk.Happened]:
    behind: datetime | None = None
    if asked.after:
        behind = tx.value(
            "SELECT recorded_at FROM traces WHERE community_id = ? AND event_id = ?", asked.community_id, asked.after
        )
    if behind is None:
        rows = tx.rows(f"{_HAPPENED}{_LAST_HAPPENED}", asked.community_id, since, limit)
    else:
        rows = tx.rows(
            f"{_HAPPENED} AND t.recorded_at >= ? AND t.event_id <> ?{_LAST_RECORDED}",
            asked.community_id, max(since, behind - _LATE), behind - _OVERLAP, asked.after, limit,
        )  # fmt: skip
    return [_view(row) for row in reversed(rows)]


def _view(row: tuple[object, ...]) -> desk.Happened:
    *known, steps = row
    event_id, message_type, channel, occurred_at, speaker, text, command, outcome = known
    assert isinstance(occurred_at, datetime)
    taken = _steps.decode(str(steps))
    return desk.Happened(
        event_id=str(event_id),
        message_type=str(message_type),
        channel=str(channel),
        occurred_at=occurred_at,
        speaker=str(speaker),
        text=str(text or ""),
        command=str(command),
        outcome=str(outcome),
        said=taken[-1][2] if taken else "",
    )
