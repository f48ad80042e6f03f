"""Reads and uses invitations inside a transaction: a use is counted by the update that checks it."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from flask_core.database import Tx
from flask_core.datamodels import Role

# Who handed out a high role must still be above it; whoever moderates for a platform has no role of their own here.
LIVE = (
    "i.ended_at IS NULL AND i.expires_at > ? AND i.uses < i.max_uses AND (i.role < 4 OR i.role < (SELECT b.role"
    " FROM community_members b WHERE b.id = i.invited_by))"
)


class Used(NamedTuple):
    """An invitation that was used a moment ago."""

    id: int
    community_id: int
    member_id: str
    role: Role


def use(tx: Tx, token_hash: str, now: datetime) -> Used | None:
    """Count a use of the link; None when it is unknown, over, or used up. Of two at once the last use is one's."""
    row = tx.row(
        f"UPDATE community_invitations AS i SET uses = uses + 1 WHERE i.token_hash = ? AND {LIVE}"  # noqa: S608 - our words
        " RETURNING id, community_id, member_id, role",
        token_hash, now,
    )  # fmt: skip
    return None if row is None else Used(row[0], row[1], row[2], Role(row[3]))


def invited_as(tx: Tx, community_id: int, member_id: str, now: datetime) -> Role | None:
    """The role that a member alone is invited to."""
    role = tx.value(
        f"SELECT max(i.role) FROM community_invitations i WHERE i.member_id = ? AND i.community_id = ? AND {LIVE}",  # noqa: S608
        member_id, community_id, now,
    )  # fmt: skip
    return None if role is None else Role(role)


def take_own(tx: Tx, community_id: int, member_id: str, now: datetime) -> Role | None:
    """Use up every invitation that is for this member alone; the highest role of them, None when there is none."""
    rows = tx.rows(
        f"UPDATE community_invitations AS i SET uses = uses + 1 WHERE i.member_id = ? AND i.community_id = ? AND {LIVE}"  # noqa: S608
        " RETURNING role",
        member_id, community_id, now,
    )  # fmt: skip
    return Role(max(row[0] for row in rows)) if rows else None
