"""Writes down who changed what, in the transaction of the change itself."""

from __future__ import annotations

from datetime import datetime

from flask_core.database import Tx


def audit(
    tx: Tx, community_id: int, actor: str, action: str, target: str, before: str, after: str, now: datetime
) -> None:
    """Write down who changed what."""
    tx.run(
        "INSERT INTO community_audit (community_id, actor, action, target, before, after, at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        community_id, actor, action, target, before, after, now,
    )  # fmt: skip
