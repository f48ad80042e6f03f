"""What was changed by whom, written in the transaction that changes it, and read by admins."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from flask_core.contracts.desk import AuditEntry, AuditPage, ListAudit
from flask_core.database import AsyncDAL, Tx
from router_module_flask.delivering.rows import escaped_like

INSTALLATION = 0
"""Under this id stands what operators did to the whole installation."""
_MOST = 100
_SELECT = "SELECT id, actor, action, target, said, was, became, at FROM audit"
_COUNT = "SELECT count(*) FROM audit"
_WANTED = " WHERE community_id = ? AND (? = '' OR actor = ?) AND action LIKE ? ESCAPE '!'"


class Change(msgspec.Struct, frozen=True):
    """One act of `actor` (a member or person id): what it was done to, in words, and how that was before and after.

    `was` and `became` are settings and numbers, never what people wrote or are called.
    """

    community_id: int
    actor: str
    action: str
    target: str
    said: str = ""
    was: Any = None
    became: Any = None


def write_down(tx: Tx, change: Change, now: datetime) -> None:
    """Keep a change; part of the unit that makes it."""
    tx.run(
        "INSERT INTO audit (community_id, actor, action, target, said, was, became, at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        change.community_id, change.actor, change.action, change.target, change.said, _json(change.was),
        _json(change.became), now,
    )  # fmt: skip


def _json(value: Any) -> str:
    return "" if value is None else msgspec.json.encode(value, order="sorted").decode()


class Audit:
    """Pages of what was changed in a community, newest first."""

    def __init__(self, database: AsyncDAL) -> None:
        self._database = database

    async def page(self, asked: ListAudit) -> AuditPage:
        """A page; `action` may be the beginning of one, such as `nuke`."""
        per_page, number = min(max(1, asked.per_page), _MOST), max(1, asked.page)
        wanted = (asked.community_id, asked.actor, asked.actor, f"{escaped_like(asked.action)}%")
        rows, total = await self._database.read(
            lambda tx: (
                tx.rows(
                    f"{_SELECT}{_WANTED}"
                    " ORDER BY at DESC, id DESC LIMIT ? OFFSET ?",
                    *wanted, per_page, (number - 1) * per_page,
                ),
                tx.value(f"{_COUNT}{_WANTED}", *wanted),
            )
        )  # fmt: skip
        return AuditPage(tuple(AuditEntry(*row) for row in rows), number, per_page, int(total))
