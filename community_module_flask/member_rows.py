"""Reads members inside a transaction; a merged member's id leads to the one it became."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_core.contracts.community import Member, MemberAccount
from flask_core.database import Tx
from flask_core.datamodels import Role
from flask_core.errors import NotFound

MEMBER_COLUMNS = "id, name, status, role, person_id, joined_at, last_seen_at"
HERE = "community_id = ? AND forwards_to IS NULL"


def one_member(tx: Tx, community_id: int, member_id: str) -> Member:
    """A member with accounts. Raises NotFound."""
    row = tx.row(
        f"SELECT {MEMBER_COLUMNS}, forwards_to FROM community_members WHERE community_id = ? AND id = ?",  # noqa: S608
        community_id, member_id,
    )  # fmt: skip
    if row is None:
        raise NotFound("No such member here.")
    return one_member(tx, community_id, row[7]) if row[7] else as_member(tx, row)


def as_member(tx: Tx, row: Sequence[Any]) -> Member:
    """A member out of `MEMBER_COLUMNS`."""
    accounts = tx.rows(
        "SELECT platform, user_id, login, display_name FROM community_member_accounts WHERE member_id = ?"
        " ORDER BY platform, user_id",
        row[0],
    )
    return Member(
        id=row[0], name=row[1], status=row[2], role=Role(row[3]), person_id=row[4], joined_at=row[5],
        last_seen_at=row[6], accounts=tuple(MemberAccount(*account) for account in accounts),
    )  # fmt: skip
