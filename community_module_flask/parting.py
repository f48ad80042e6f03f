"""Takes accounts away from a person: each goes back to the member that it had, with the role from then."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from community_module_flask.admitting import part_status
from community_module_flask.ban_repository import part_bans
from community_module_flask.merging import tell_modules
from flask_core.contracts.community import LinkPeople
from flask_core.contracts.module import MergeMembers
from flask_core.database import Tx


class _Merge(NamedTuple):
    """A join that is undone."""

    merge_id: str
    community_id: int
    source: str
    target: str
    target_role: int
    source_role: int
    target_status: str


_MERGE = "merge_id, community_id, source, target, target_role, source_role, target_status"


def part(tx: Tx, asked: LinkPeople, now: datetime) -> list[tuple[int, str]]:
    """The accounts named leave the person. Returns (community, member) of all that changed."""
    changed: list[tuple[int, str]] = []
    for account in asked.accounts:
        for community_id, member_id, home, status in tx.rows(
            "SELECT a.community_id, a.member_id, a.home, m.status FROM community_member_accounts a"
            " JOIN community_members m ON m.id = a.member_id WHERE a.platform = ? AND a.user_id = ?"
            " AND m.person_id = ?",
            *account, asked.person_id,
        ):  # fmt: skip
            changed.append((community_id, member_id))
            if home == member_id:
                changed += _person_moves_out(tx, asked.person_id, account, member_id, now)
            elif home:
                changed.append((community_id, home))
                _account_goes_home(tx, account, member_id, home, now)
            elif status != "banned":
                # It never had a member of its own: it starts anew. A ban keeps it instead.
                tx.run(
                    "DELETE FROM community_member_accounts WHERE community_id = ? AND platform = ? AND user_id = ?",
                    community_id, *account,
                )  # fmt: skip
    return changed


def _account_goes_home(tx: Tx, account: tuple[str, str], member_id: str, home: str, now: datetime) -> None:
    """The account had another member before: that one lives again."""
    _undo(tx, home, now)
    tx.run(
        "UPDATE community_member_accounts SET member_id = ? WHERE member_id = ? AND platform = ? AND user_id = ?",
        home, member_id, *account,
    )  # fmt: skip


def _person_moves_out(
    tx: Tx, person_id: str, account: tuple[str, str], member_id: str, now: datetime
) -> list[tuple[int, str]]:
    """The member itself is the account's: the person goes on as another one, if there is one."""
    tx.run("UPDATE community_members SET person_id = NULL WHERE id = ?", member_id)
    other = tx.value(
        "SELECT source FROM community_merges WHERE target = ? ORDER BY merged_at DESC, source LIMIT 1", member_id
    )
    undone = _undo(tx, other, now) if other else None
    if undone is None:
        tx.run(
            "DELETE FROM community_member_accounts WHERE member_id = ? AND NOT (platform = ? AND user_id = ?)",
            member_id, *account,
        )  # fmt: skip
        return []
    tx.run(
        "UPDATE community_member_accounts SET member_id = ? WHERE member_id = ? AND NOT (platform = ? AND user_id = ?)",
        other, member_id, *account,
    )  # fmt: skip
    tx.run("UPDATE community_members SET forwards_to = ? WHERE forwards_to = ?", other, member_id)
    tx.run("UPDATE community_merges SET target = ? WHERE target = ?", other, member_id)
    tx.run("UPDATE community_members SET person_id = ? WHERE id = ?", person_id, other)
    return [(undone.community_id, undone.source)]


def _undo(tx: Tx, source: str, now: datetime) -> _Merge | None:
    """Part the member that was joined last from the one it was joined to."""
    row = tx.row(f"DELETE FROM community_merges WHERE source = ? RETURNING {_MERGE}", source)  # noqa: S608 - our columns
    if row is None:
        return None
    undone = _Merge(*row)
    tx.run("UPDATE community_members SET forwards_to = NULL WHERE id = ?", source)
    _give_back_roles(tx, undone)
    part_status(tx, source, undone.target, undone.target_status)
    part_bans(tx, source, undone.target, now)
    told = MergeMembers(undone.merge_id, undone.community_id, source, undone.target)
    tell_modules(tx, "unmerge", told, now)
    return undone


def _give_back_roles(tx: Tx, undone: _Merge) -> None:
    """Both have what they had, but nothing that was taken from them meanwhile; what was given stays with the target."""
    present = tx.value("SELECT role FROM community_members WHERE id = ?", undone.target)
    if present <= max(undone.target_role, undone.source_role):
        tx.run("UPDATE community_members SET role = ? WHERE id = ?", min(present, undone.target_role), undone.target)
    tx.run("UPDATE community_members SET role = ? WHERE id = ?", min(present, undone.source_role), undone.source)
