"""Joins the members of one person: one row stays, with the higher role, which waits for a day."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from community_module_flask.admitting import carry_asked, higher_status
from community_module_flask.ban_repository import carry_ban
from community_module_flask.waiting import let_accounts_wait, let_person_wait
from flask_core.contracts.community import LinkPeople
from flask_core.contracts.module import MergeMembers
from flask_core.database import Tx
from flask_core.datamodels import Role


class _Side(NamedTuple):
    """A member who takes part in a merge."""

    id: str
    role: int
    person_id: str | None
    status: str


def merge(tx: Tx, asked: LinkPeople, now: datetime) -> list[tuple[int, str]]:
    """Join the members of the accounts in every community; returns (community, surviving member)."""
    found: dict[int, dict[str, _Side]] = {}
    for account in asked.accounts:
        for community_id, *member in tx.rows(
            "SELECT a.community_id, m.id, m.role, m.person_id, m.status FROM community_member_accounts a"
            " JOIN community_members m ON m.id = a.member_id WHERE a.platform = ? AND a.user_id = ?",
            *account,
        ):
            sides = found.setdefault(community_id, _own(tx, community_id, asked.person_id))
            sides.setdefault(member[0], _Side(*member))
    return [(number, _join(tx, asked, number, list(sides.values()), now)) for number, sides in found.items()]


def _own(tx: Tx, community_id: int, person_id: str) -> dict[str, _Side]:
    row = tx.row(
        "SELECT id, role, person_id, status FROM community_members WHERE community_id = ? AND person_id = ?"
        " AND forwards_to IS NULL",
        community_id, person_id,
    )  # fmt: skip
    return {} if row is None else {row[0]: _Side(*row)}


def _join(tx: Tx, asked: LinkPeople, community_id: int, sides: list[_Side], now: datetime) -> str:
    """The first side stays; the others' accounts, bans and roles go to it."""
    target, role, status = sides[0], sides[0].role, sides[0].status
    if target.person_id != asked.person_id:
        _belongs_to(tx, asked, target, now)
    for source in sides[1:]:
        if tx.run(
            "INSERT INTO community_merges (merge_id, community_id, source, target, target_role, source_role, merged_at,"
            " target_status) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            asked.merge_id, community_id, source.id, target.id, role, source.role, now, status,
        ):  # fmt: skip
            role, status = max(role, source.role), higher_status(status, source.status)
            # A ban that comes along has to find what it will give back one day.
            tx.run("UPDATE community_members SET status = ? WHERE id = ? AND status <> 'banned'", status, target.id)
            carry_asked(tx, source.id, target.id, status)
            _take_over(tx, source, target, role, now)
            tell_modules(tx, "merge", MergeMembers(asked.merge_id, community_id, source.id, target.id), now)
    return target.id


def _belongs_to(tx: Tx, asked: LinkPeople, target: _Side, now: datetime) -> None:
    """A member gets its person; who came with the account that was linked last is not yet trusted in the portal."""
    tx.run("UPDATE community_members SET person_id = ? WHERE id = ?", asked.person_id, target.id)
    if asked.founding:
        return
    platform, user_id = asked.accounts[-1]
    newest = tx.value(
        "SELECT 1 FROM community_member_accounts WHERE member_id = ? AND platform = ? AND user_id = ?",
        target.id, platform, user_id,
    )  # fmt: skip
    if newest:
        let_accounts_wait(tx, target.id, Role(target.role), now)
    let_person_wait(tx, target.id, Role.VIEWER if newest else Role(target.role), now)


def _take_over(tx: Tx, source: _Side, target: _Side, role: int, now: datetime) -> None:
    if role > target.role:
        let_accounts_wait(tx, target.id, Role(target.role), now)
        let_person_wait(tx, target.id, Role(target.role), now)
    let_accounts_wait(tx, source.id, Role(source.role), now)
    tx.run("UPDATE community_member_accounts SET member_id = ? WHERE member_id = ?", target.id, source.id)
    tx.run(
        "UPDATE community_members SET forwards_to = ?, person_id = NULL, role = 0 WHERE id = ?", target.id, source.id
    )
    tx.run("UPDATE community_members SET role = ? WHERE id = ? AND status <> 'banned'", role, target.id)
    carry_ban(tx, source.id, target.id)


def tell_modules(tx: Tx, kind: str, request: MergeMembers, now: datetime) -> None:
    """Every module that keeps personal data hears of it, however long that takes."""
    tx.run(
        "INSERT INTO community_outbox (kind, merge_id, community_id, source, target, due_at, attempts)"
        " VALUES (?, ?, ?, ?, ?, ?, 0) ON CONFLICT DO NOTHING",
        kind, request.merge_id, request.community_id, request.source, request.target, now,
    )  # fmt: skip
