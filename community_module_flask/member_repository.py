"""Members and their assigned roles; rank is part of every statement that changes them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from community_module_flask.admitting import end_invitations_by, let_in
from community_module_flask.audit import audit
from community_module_flask.member_rows import HERE, MEMBER_COLUMNS, as_member, one_member
from community_module_flask.waiting import confirm
from flask_core.contracts.community import ListMembers, Member
from flask_core.database import AsyncDAL, Tx
from flask_core.datamodels import Role
from flask_core.errors import Forbidden


class MemberRepository:
    """Every read and write is by (community, member)."""

    def __init__(self, database: AsyncDAL) -> None:
        self._database = database

    async def one(self, community_id: int, member_id: str) -> Member:
        """A member with accounts; a merged member's id leads to the one it became. Raises NotFound."""
        return await self._database.read(lambda tx: one_member(tx, community_id, member_id))

    async def page(self, asked: ListMembers, per_page: int) -> tuple[list[Member], int]:
        """One page by name, and how many there are."""
        return await self._database.read(lambda tx: _page(tx, asked, per_page))

    async def named(self, community_id: int, name: str) -> list[Member]:
        """Members whose login or display name is `name`, ignoring case."""
        return await self._database.read(lambda tx: _named(tx, community_id, name))

    async def set_role(
        self, community_id: int, member_id: str, role: Role, rank: Role, actor: str, now: datetime
    ) -> Member:
        """Assign a role. A demotion racing a grant cannot win: the rank is compared in the update itself."""

        def unit(tx: Tx) -> Member:
            before = one_member(tx, community_id, member_id)
            if not tx.run(
                f"UPDATE community_members SET role = ? WHERE id = ? AND {HERE} AND role < ?",
                role.value, before.id, community_id, rank.value,
            ):  # fmt: skip
                raise Forbidden(f"{before.name} is {before.role.word}; you are {rank.word}.")
            confirm(tx, before.id)
            end_invitations_by(tx, before.id, role, now)
            if role > Role.VIEWER and before.status in {"guest", "pending"}:
                let_in(tx, community_id, before.id, role, actor, now)
            audit(tx, community_id, actor, "member.role", before.id, before.role.word, role.word, now)
            return one_member(tx, community_id, before.id)

        return await self._database.write(unit)


def _page(tx: Tx, asked: ListMembers, per_page: int) -> tuple[list[Member], int]:
    where, values = HERE, list[Any]([asked.community_id])
    for condition, value in (
        (" AND lower(name) >= ? AND substr(lower(name), 1, ?) = ?", asked.q.lower()),
        (" AND role = ?", Role.named(asked.role).value if asked.role else ""),
        (" AND status = ?", asked.status),
    ):
        if value != "":
            where += condition
            values += [value, len(str(value)), value] if "substr" in condition else [value]
    total = tx.value(f"SELECT count(*) FROM community_members WHERE {where}", *values)
    rows = tx.rows(
        f"SELECT {MEMBER_COLUMNS} FROM community_members WHERE {where} ORDER BY lower(name), id LIMIT ? OFFSET ?",
        *values, per_page, (max(1, asked.page) - 1) * per_page,
    )  # fmt: skip
    return [as_member(tx, row) for row in rows], int(total)


def _named(tx: Tx, community_id: int, name: str) -> list[Member]:
    rows = tx.rows(
        "SELECT DISTINCT m.id FROM community_members m LEFT JOIN community_member_accounts a ON a.member_id = m.id"
        " WHERE m.community_id = ? AND m.forwards_to IS NULL"
        " AND (lower(a.login) = ? OR lower(a.display_name) = ? OR lower(m.name) = ? OR a.user_id = ?) LIMIT 10",
        community_id, name.lower(), name.lower(), name.lower(), name,
    )  # fmt: skip
    return [one_member(tx, community_id, row[0]) for row in rows]
