"""Members, their roles and their bans; rank is part of every statement that changes them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from community_module_flask.community_repository import audit
from flask_core.contracts.community import ListMembers, Member, MemberAccount, PersonRole, PlatformRole
from flask_core.database import AsyncDAL, Tx
from flask_core.datamodels import Role
from flask_core.errors import Conflict, Forbidden, NotFound

PLATFORM_ROLE_KEPT = timedelta(days=7)
_COLUMNS = "id, name, status, role, person_id, joined_at, last_seen_at"
_HERE = "community_id = ? AND forwards_to IS NULL"


class MemberRepository:
    """Every read and write is by (community, member)."""

    def __init__(self, database: AsyncDAL) -> None:
        self._database = database

    async def one(self, community_id: int, member_id: str) -> Member:
        """A member with accounts; a merged member's id leads to the one it became. Raises NotFound."""
        return await self._database.read(lambda tx: _one(tx, community_id, member_id))

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
            before = _one(tx, community_id, member_id)
            if not tx.run(
                f"UPDATE community_members SET role = ? WHERE id = ? AND {_HERE} AND role < ?",
                role.value, before.id, community_id, rank.value,
            ):  # fmt: skip
                raise Forbidden(f"{before.name} is {before.role.word}; you are {rank.word}.")
            audit(tx, community_id, actor, "member.role", before.id, before.role.word, role.word, now)
            return _one(tx, community_id, before.id)

        return await self._database.write(unit)

    async def ban(
        self, community_id: int, member_id: str, rank: Role, actor: str, now: datetime, *, reason: str, seconds: int
    ) -> Member:
        """Ban below one's own rank. Raises Conflict when banned already, Forbidden for rank."""

        def unit(tx: Tx) -> Member:
            before = _one(tx, community_id, member_id)
            if before.status == "banned":
                raise Conflict(f"{before.name} is banned already.")
            if not tx.run(
                f"UPDATE community_members SET status = 'banned', role = 0 WHERE id = ? AND {_HERE} AND role < ?",
                before.id, community_id, rank.value,
            ):  # fmt: skip
                raise Forbidden(f"{before.name} is {before.role.word}; you are {rank.word}.")
            tx.run(
                "INSERT INTO community_bans (community_id, member_id, reason, banned_by, role_before, banned_at,"
                " expires_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
                community_id, before.id, reason, actor, before.role.value, now,
                now + timedelta(seconds=seconds) if seconds else None,
            )  # fmt: skip
            audit(tx, community_id, actor, "member.ban", before.id, before.role.word, f"{seconds} s", now)
            return _one(tx, community_id, before.id)

        return await self._database.write(unit)

    async def lift_ban(self, community_id: int, member_id: str, actor: str, now: datetime) -> Member:
        """End a ban; the member is a viewer again. Raises NotFound when there is none."""

        def unit(tx: Tx) -> Member:
            member = _one(tx, community_id, member_id)
            if not _lift(tx, community_id, member.id, actor, now):
                raise NotFound(f"{member.name} is not banned.")
            return _one(tx, community_id, member.id)

        return await self._database.write(unit)

    async def lift_expired(self, now: datetime) -> list[tuple[int, str]]:
        """End every ban whose time is over; returns (community, member) of each."""

        def unit(tx: Tx) -> list[tuple[int, str]]:
            over = tx.rows(
                "SELECT community_id, member_id FROM community_bans WHERE lifted_at IS NULL AND expires_at <= ? LIMIT 500",
                now,
            )
            return [(row[0], row[1]) for row in over if _lift(tx, row[0], row[1], "time", now)]

        return await self._database.write(unit)

    async def role_of_person(self, community_id: int, person_id: str, now: datetime) -> PersonRole:
        """Assigned role, and at least moderator in the portal when a platform said so in the last 7 days."""
        return await self._database.read(lambda tx: _role_of_person(tx, community_id, person_id, now))

    async def platform_role(self, asked: PlatformRole, now: datetime) -> None:
        """Remember what a platform showed; viewer takes it away."""
        platform = asked.channel.partition(":")[0]

        def unit(tx: Tx) -> None:
            if asked.role < Role.MODERATOR:
                tx.run(
                    "DELETE FROM community_platform_roles WHERE platform = ? AND user_id = ? AND channel = ?",
                    platform, asked.user_id, asked.channel,
                )  # fmt: skip
                return
            tx.run(
                "INSERT INTO community_platform_roles (platform, user_id, channel, role, seen_at) VALUES (?, ?, ?, ?, ?)"
                " ON CONFLICT (platform, user_id, channel) DO UPDATE SET role = excluded.role,"
                " seen_at = excluded.seen_at",
                platform, asked.user_id, asked.channel, asked.role.value, now,
            )  # fmt: skip

        await self._database.write(unit)

    async def leave(self, community_id: int, member_id: str) -> None:
        """A member leaves; the row stays, so that returning keeps the id."""
        changed = await self._database.write(
            lambda tx: tx.run(
                f"UPDATE community_members SET status = 'left', role = 0 WHERE id = ? AND {_HERE}"
                " AND role < 6 AND status <> 'banned'",
                member_id,
                community_id,
            )
        )
        if not changed:
            raise Forbidden("The owner cannot leave. Hand the community over first.")

    async def join(self, community_id: int, member_id: str) -> None:
        """A member who left comes back."""
        await self._database.write(
            lambda tx: tx.run(
                "UPDATE community_members SET status = 'active' WHERE id = ? AND community_id = ? AND status = 'left'",
                member_id,
                community_id,
            )
        )


def _lift(tx: Tx, community_id: int, member_id: str, actor: str, now: datetime) -> bool:
    lifted = tx.run(
        "UPDATE community_bans SET lifted_at = ? WHERE community_id = ? AND member_id = ? AND lifted_at IS NULL",
        now, community_id, member_id,
    )  # fmt: skip
    if lifted:
        tx.run("UPDATE community_members SET status = 'active' WHERE id = ? AND status = 'banned'", member_id)
        audit(tx, community_id, actor, "member.unban", member_id, "", "", now)
    return bool(lifted)


def _one(tx: Tx, community_id: int, member_id: str) -> Member:
    row = tx.row(
        f"SELECT {_COLUMNS}, forwards_to FROM community_members WHERE community_id = ? AND id = ?",
        community_id, member_id,
    )  # fmt: skip
    if row is None:
        raise NotFound("No such member here.")
    return _one(tx, community_id, row[7]) if row[7] else _member(tx, row)


def _member(tx: Tx, row: Sequence[Any]) -> Member:
    accounts = tx.rows(
        "SELECT platform, user_id, login, display_name FROM community_member_accounts WHERE member_id = ?"
        " ORDER BY platform, user_id",
        row[0],
    )
    return Member(
        id=row[0], name=row[1], status=row[2], role=Role(row[3]), person_id=row[4], joined_at=row[5],
        last_seen_at=row[6], accounts=tuple(MemberAccount(*account) for account in accounts),
    )  # fmt: skip


def _page(tx: Tx, asked: ListMembers, per_page: int) -> tuple[list[Member], int]:
    where, values = _HERE, list[Any]([asked.community_id])
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
        f"SELECT {_COLUMNS} FROM community_members WHERE {where} ORDER BY lower(name), id LIMIT ? OFFSET ?",
        *values, per_page, (max(1, asked.page) - 1) * per_page,
    )  # fmt: skip
    return [_member(tx, row) for row in rows], int(total)


def _named(tx: Tx, community_id: int, name: str) -> list[Member]:
    rows = tx.rows(
        "SELECT DISTINCT m.id FROM community_members m LEFT JOIN community_member_accounts a ON a.member_id = m.id"
        " WHERE m.community_id = ? AND m.forwards_to IS NULL"
        " AND (lower(a.login) = ? OR lower(a.display_name) = ? OR lower(m.name) = ? OR a.user_id = ?) LIMIT 10",
        community_id, name.lower(), name.lower(), name.lower(), name,
    )  # fmt: skip
    return [_one(tx, community_id, row[0]) for row in rows]


def _role_of_person(tx: Tx, community_id: int, person_id: str, now: datetime) -> PersonRole:
    row = tx.row(
        f"SELECT id, role, status FROM community_members WHERE person_id = ? AND {_HERE}",
        person_id, community_id,
    )  # fmt: skip
    if row is None:
        return PersonRole(Role.VIEWER, Role.VIEWER)
    seen = tx.value(
        "SELECT max(r.role) FROM community_platform_roles r JOIN community_member_accounts a ON a.platform = r.platform"
        " AND a.user_id = r.user_id JOIN community_channels c ON c.community_id = a.community_id"
        " AND c.platform || ':' || c.server_id || ':' || c.channel_id = r.channel"
        " WHERE a.member_id = ? AND c.community_id = ? AND r.seen_at > ?",
        row[0], community_id, now - PLATFORM_ROLE_KEPT,
    )  # fmt: skip
    assigned = Role(row[1])
    portal = max(assigned, Role.MODERATOR) if seen is not None and seen >= Role.MODERATOR else assigned
    return PersonRole(assigned, portal, row[0], banned=row[2] == "banned")
