"""Who changed what: rows of a module's table `audit`, written in the transaction of the change itself."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask_core.database import Tx

KEPT = timedelta(days=400)


def write_down(
    tx: Tx, community_id: int, actor: str, action: str, target: str, was: str, became: str, now: datetime
) -> None:
    """Who changed what; `was` and `became` are JSON or "", `community_id` 0 is the installation."""
    tx.run(
        "INSERT INTO audit (community_id, actor, action, target, was, became, at) VALUES (?, ?, ?, ?, ?, ?, ?)",
        community_id, actor, action, target, was, became, now,
    )  # fmt: skip


def forget_before(tx: Tx, before: datetime) -> None:
    """Forget who changed what before then."""
    tx.run("DELETE FROM audit WHERE at < ?", before)
