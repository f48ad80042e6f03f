"""Who changed what about AI in a community."""

from __future__ import annotations

from datetime import datetime

from flask_core.database import Tx


def write_down(
    tx: Tx, community_id: int, actor: str, action: str, target: str, was: str, became: str, now: datetime
) -> None:
    """Keep who changed what; part of the unit that changes it. Never words of people, never secrets."""
    tx.run(
        "INSERT INTO audit (community_id, actor, action, target, was, became, at) VALUES (?, ?, ?, ?, ?, ?, ?)",
        community_id, actor, action, target, was, became, now,
    )  # fmt: skip
