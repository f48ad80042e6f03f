"""Lets members in and out inside a transaction; what they asked for and what they handed out goes with it."""

from __future__ import annotations

from datetime import datetime

from community_module_flask.member_rows import HERE
from flask_core.database import Tx
from flask_core.datamodels import Role

_HIGHER = ("banned", "left", "guest", "pending", "active")


def let_in(tx: Tx, community_id: int, member_id: str, role: Role, actor: str, now: datetime) -> bool:
    """Somebody outside is a member now, with at least `role`; False for who is in already, or banned."""
    if not tx.run(
        "UPDATE community_members SET status = 'active', role = CASE WHEN role > ? THEN role ELSE ? END"  # noqa: S608
        f" WHERE id = ? AND {HERE} AND status IN ('guest', 'pending', 'left')",
        role.value, role.value, member_id, community_id,
    ):  # fmt: skip
        return False
    tx.run(
        "UPDATE community_requests SET state = 'accepted', decided_by = ?, decided_at = ? WHERE member_id = ?"
        " AND state = 'open'",
        actor, now, member_id,
    )  # fmt: skip
    return True


def let_all_in(tx: Tx, community_id: int, actor: str, now: datetime) -> None:
    """Everybody may come in from now on: nobody who writes here is a guest any more, and nothing has to be decided."""
    tx.run(
        "UPDATE community_members SET status = 'active' WHERE community_id = ? AND status IN ('guest', 'pending')",
        community_id,
    )
    tx.run(
        "UPDATE community_requests SET state = 'accepted', decided_by = ?, decided_at = ? WHERE community_id = ?"
        " AND state = 'open'",
        actor, now, community_id,
    )  # fmt: skip


def let_out(tx: Tx, member_id: str, now: datetime) -> None:
    """Whoever leaves, is removed or banned asks for nothing any more, and invites nobody."""
    take_back(tx, member_id)
    end_invitations_by(tx, member_id, Role.VIEWER, now)


def end_invitations_by(tx: Tx, member_id: str, role: Role, now: datetime) -> None:
    """What somebody handed out with `role` or more holds no longer."""
    tx.run(
        "UPDATE community_invitations SET ended_at = ? WHERE invited_by = ? AND role >= ? AND ended_at IS NULL",
        now, member_id, role.value,
    )  # fmt: skip


def higher_status(one: str, other: str) -> str:
    """What two members who are one person are together, bans aside: those are carried on their own."""
    return max(one, other, key=_HIGHER.index)


def carry_asked(tx: Tx, source: str, target: str, status: str) -> None:
    """What the source asked for and handed out is the target's, which is `status` now; who is in asks for nothing."""
    for column in ("invited_by", "member_id"):
        tx.run(f"UPDATE community_invitations SET {column} = ? WHERE {column} = ?", target, source)  # noqa: S608
    open_one = "SELECT 1 FROM community_requests WHERE member_id = ? AND state = 'open'"
    if status != "pending":
        take_back(tx, source)
        take_back(tx, target)
    elif tx.value(open_one, target):
        take_back(tx, source)
    tx.run("UPDATE community_requests SET member_id = ? WHERE member_id = ?", target, source)


def take_back(tx: Tx, member_id: str) -> bool:
    """An open request is gone; whether there was one."""
    return bool(tx.run("DELETE FROM community_requests WHERE member_id = ? AND state = 'open'", member_id))


def part_status(tx: Tx, source: str, target: str, target_status: str) -> None:
    """They are two again: what the target was by the source alone goes; who was removed meanwhile is out with both."""
    was: str = tx.value("SELECT status FROM community_members WHERE id = ?", source)
    present: str = tx.value("SELECT status FROM community_members WHERE id = ?", target)
    if present == was != target_status != "banned" and higher_status(was, target_status) == was:
        # What the target asked for was answered by the merge; what is open was the source's.
        take_back(tx, target)
        back = "guest" if target_status == "pending" else target_status
        tx.run("UPDATE community_members SET status = ? WHERE id = ?", back, target)
    if was == "pending" or (was == "active" and present == "left"):
        tx.run("UPDATE community_members SET status = ? WHERE id = ?", "guest" if was == "pending" else "left", source)
