"""What is told of a person out of a module's table `audit`, and how their name goes out of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_core.contracts.module import PersonAccounts
from flask_core.database import Tx


def actors_of(asked: PersonAccounts) -> list[str]:
    """Under which ids the person changed something: as person in the portal, as member in chat."""
    return [one for one in (asked.person_id, *asked.member_ids) if one]


def changes_of(tx: Tx, actors: Sequence[str]) -> list[dict[str, Any]]:
    """What they changed, where, and when."""
    return [
        {"community": community_id, "action": action, "target": target, "at": at.isoformat()}
        for actor in actors
        for community_id, action, target, at in tx.rows(
            "SELECT community_id, action, target, at FROM audit WHERE actor = ? ORDER BY id", actor
        )
    ]


def forget_actors(tx: Tx, actors: Sequence[str]) -> int:
    """What was changed stays, without who did it; how many rows."""
    return sum(tx.run("UPDATE audit SET actor = '' WHERE actor = ?", actor) for actor in actors)
