"""Members who turn out to be one person: joined by one transaction, parted again by its record."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from community_module_flask.ban_repository import carry_ban, part_bans
from flask_core.contracts.community import LinkPeople
from flask_core.contracts.module import MergeMembers
from flask_core.database import AsyncDAL, Tx


@dataclass(frozen=True, slots=True)
class Untold:
    """A merge, or its undoing, that modules have to be told of."""

    row: int
    kind: str
    request: MergeMembers
    attempts: int


class MergeRepository:
    """`merge` and `unmerge` are idempotent by merge id; modules are told from an outbox."""

    def __init__(self, database: AsyncDAL) -> None:
        self._database = database

    async def merge(self, asked: LinkPeople, now: datetime) -> list[tuple[int, str]]:
        """Join the members of the accounts in every community; returns (community, surviving member)."""
        return await self._database.write(lambda tx: _merge(tx, asked, now))

    async def unmerge(self, asked: LinkPeople, now: datetime) -> list[tuple[int, str]]:
        """Part them again; the accounts named go back to their old member. Returns the members that changed."""
        return await self._database.write(lambda tx: _unmerge(tx, asked, now))

    async def due(self, now: datetime, until: datetime) -> list[Untold]:
        """Claim what modules have to be told, until `until`."""
        rows = await self._database.write(
            lambda tx: tx.rows(
                "UPDATE community_outbox SET due_at = ?, attempts = attempts + 1 WHERE id IN (SELECT id FROM"
                f" community_outbox WHERE due_at <= ? ORDER BY id LIMIT 50{tx.skip_locked})"
                " RETURNING id, kind, merge_id, community_id, source, target, attempts",
                until,
                now,
            )
        )
        return [Untold(row[0], row[1], MergeMembers(*row[2:6]), row[6]) for row in rows]

    async def told(self, row: int) -> None:
        """Every module has answered."""
        await self._database.write(lambda tx: tx.run("DELETE FROM community_outbox WHERE id = ?", row))


def _merge(tx: Tx, asked: LinkPeople, now: datetime) -> list[tuple[int, str]]:
    found: dict[int, list[tuple[str, int, str, str | None]]] = {}
    for platform, user_id in asked.accounts:
        for community_id, *member in tx.rows(
            "SELECT a.community_id, m.id, m.role, m.status, m.person_id FROM community_member_accounts a"
            " JOIN community_members m ON m.id = a.member_id WHERE a.platform = ? AND a.user_id = ?",
            platform, user_id,
        ):  # fmt: skip
            found.setdefault(community_id, []).append(tuple(member))
    changed = []
    for community_id, members in found.items():
        own = tx.row(
            "SELECT id, role, status, person_id FROM community_members WHERE community_id = ? AND person_id = ?"
            " AND forwards_to IS NULL",
            community_id, asked.person_id,
        )  # fmt: skip
        everyone = {member[0]: member for member in ([own] if own else []) + members}
        changed.append((community_id, _join(tx, asked, community_id, list(everyone.values()), now)))
    return changed


def _join(
    tx: Tx, asked: LinkPeople, community_id: int, members: list[tuple[str, int, str, str | None]], now: datetime
) -> str:
    """The first member stays, the others' accounts, ban and role go to it; the lower of two roles counts at first."""
    target, target_role, *_ = members[0]
    for source, source_role, status, _ in members[1:]:
        if not tx.run(
            "INSERT INTO community_merges (merge_id, community_id, source, target, target_role, source_role, merged_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            asked.merge_id, community_id, source, target, target_role, source_role, now,
        ):  # fmt: skip
            continue
        tx.run("UPDATE community_member_accounts SET member_id = ? WHERE member_id = ?", target, source)
        tx.run("UPDATE community_members SET forwards_to = ?, person_id = NULL, role = 0 WHERE id = ?", target, source)
        if status == "banned":
            carry_ban(tx, source, target)
        _tell_modules(tx, "merge", MergeMembers(asked.merge_id, community_id, source, target), now)
    tx.run("UPDATE community_members SET person_id = ? WHERE id = ?", asked.person_id, target)
    return target


def _unmerge(tx: Tx, asked: LinkPeople, now: datetime) -> list[tuple[int, str]]:
    changed = []
    for community_id, source, target, role in tx.rows(
        "DELETE FROM community_merges WHERE merge_id = ? RETURNING community_id, source, target, source_role",
        asked.merge_id,
    ):
        tx.run("UPDATE community_members SET forwards_to = NULL, role = ? WHERE id = ?", role, source)
        for platform, user_id in asked.accounts:
            tx.run(
                "UPDATE community_member_accounts SET member_id = ? WHERE member_id = ? AND platform = ? AND user_id = ?",
                source, target, platform, user_id,
            )  # fmt: skip
        part_bans(tx, source, target, now)
        _tell_modules(tx, "unmerge", MergeMembers(asked.merge_id, community_id, source, target), now)
        changed += [(community_id, source), (community_id, target)]
    return changed + _take_away(tx, asked)


def _take_away(tx: Tx, asked: LinkPeople) -> list[tuple[int, str]]:
    """Accounts that came to a member without a member of their own start anew; a ban keeps them."""
    left: list[tuple[int, str]] = []
    for account in asked.accounts:
        left += tx.rows(
            "DELETE FROM community_member_accounts WHERE platform = ? AND user_id = ? AND member_id IN (SELECT id FROM"
            " community_members WHERE person_id = ? AND status <> 'banned') RETURNING community_id, member_id",
            *account, asked.person_id,
        )  # fmt: skip
    return left


def _tell_modules(tx: Tx, kind: str, request: MergeMembers, now: datetime) -> None:
    tx.run(
        "INSERT INTO community_outbox (kind, merge_id, community_id, source, target, due_at, attempts)"
        " VALUES (?, ?, ?, ?, ?, ?, 0) ON CONFLICT DO NOTHING",
        kind, request.merge_id, request.community_id, request.source, request.target, now,
    )  # fmt: skip
