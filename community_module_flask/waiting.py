"""For a day after a link nobody has a role that they did not have before: in time to notice, and to undo it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

from flask_core.database import Tx
from flask_core.datamodels import Role

WAITS = timedelta(hours=24)


def let_accounts_wait(tx: Tx, member_id: str, role: Role, now: datetime) -> None:
    """The accounts of a member have at most `role` for a day."""
    _let_wait(tx, "community_member_accounts", "member_id", member_id, role, now)


def let_person_wait(tx: Tx, member_id: str, role: Role, now: datetime) -> None:
    """The person of a member has at most `role` in the portal for a day."""
    _let_wait(tx, "community_members", "id", member_id, role, now)


def _let_wait(
    tx: Tx,
    table: Literal["community_member_accounts", "community_members"],
    key: Literal["member_id", "id"],
    member_id: str,
    role: Role,
    now: datetime,
) -> None:
    """Whoever waits for more than `role` already goes on waiting as what they were."""
    tx.run(
        f"UPDATE {table} SET waits_as = ?, waits_until = ? WHERE {key} = ?"  # noqa: S608 - one of two names above
        " AND (waits_until IS NULL OR waits_until <= ? OR waits_as >= ?)",
        role.value, now + WAITS, member_id, now, role.value,
    )  # fmt: skip


def confirm(tx: Tx, member_id: str) -> None:
    """Somebody of higher rank said which role it shall be: nobody waits any more."""
    tx.run("UPDATE community_member_accounts SET waits_until = NULL WHERE member_id = ?", member_id)
    tx.run("UPDATE community_members SET waits_until = NULL WHERE id = ?", member_id)


def role_now(role: int, waits_as: int, waits_until: datetime | None, now: datetime) -> Role:
    """The role that counts at `now`."""
    return Role(min(role, waits_as) if waits_until is not None and waits_until > now else role)
