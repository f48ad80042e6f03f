"""Bans: below one's own rank, for a time or without end."""

from __future__ import annotations

from datetime import datetime, timedelta

from community_module_flask.admitting import let_out
from community_module_flask.audit import audit
from community_module_flask.member_rows import HERE, one_member
from flask_core.contracts.community import Member
from flask_core.database import AsyncDAL, Tx
from flask_core.datamodels import Role
from flask_core.errors import Conflict, Forbidden, NotFound

_BAN = "community_id, reason, banned_by, role_before, banned_at, expires_at"
_AS_BEFORE = (
    "coalesce((SELECT status_before FROM community_bans b WHERE b.member_id = community_members.id"
    " ORDER BY b.id DESC LIMIT 1), 'active')"
)


class BanRepository:
    """One ban per member at a time is a constraint of the table."""

    def __init__(self, database: AsyncDAL) -> None:
        self._database = database

    async def ban(
        self, community_id: int, member_id: str, rank: Role, actor: str, now: datetime, *, reason: str, seconds: int
    ) -> Member:
        """Ban below one's own rank. Raises Conflict when banned already, Forbidden for rank."""

        def unit(tx: Tx) -> Member:
            before = one_member(tx, community_id, member_id)
            if before.status == "banned":
                raise Conflict(f"{before.name} is banned already.")
            if not tx.run(
                f"UPDATE community_members SET status = 'banned', role = 0 WHERE id = ? AND {HERE} AND role < ?",
                before.id, community_id, rank.value,
            ):  # fmt: skip
                raise Forbidden(f"{before.name} is {before.role.word}; you are {rank.word}.")
            tx.run(
                "INSERT INTO community_bans (community_id, member_id, reason, banned_by, role_before, banned_at,"
                " expires_at, status_before) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                community_id, before.id, reason, actor, before.role.value, now,
                now + timedelta(seconds=seconds) if seconds else None, _back_as(before.status),
            )  # fmt: skip
            let_out(tx, before.id, now)
            audit(tx, community_id, actor, "member.ban", before.id, before.role.word, f"{seconds} s", now)
            return one_member(tx, community_id, before.id)

        return await self._database.write(unit)

    async def lift_ban(self, community_id: int, member_id: str, actor: str, now: datetime) -> Member:
        """End a ban; the member is a viewer again. Raises NotFound when there is none."""

        def unit(tx: Tx) -> Member:
            member = one_member(tx, community_id, member_id)
            if not _lift(tx, community_id, member.id, actor, now):
                raise NotFound(f"{member.name} is not banned.")
            return one_member(tx, community_id, member.id)

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


def _back_as(status: str) -> str:
    """What somebody is after the ban: a request that waited was taken back with it."""
    return "guest" if status == "pending" else status


def _lift(tx: Tx, community_id: int, member_id: str, actor: str, now: datetime) -> bool:
    """Also of members that were merged into this one: whoever is let in again comes back whole."""
    everyone = "(SELECT id FROM community_members WHERE id = ? OR forwards_to = ?)"
    lifted = tx.run(
        "UPDATE community_bans SET lifted_at = ? WHERE community_id = ? AND lifted_at IS NULL"
        f" AND member_id IN {everyone}",
        now, community_id, member_id, member_id,
    )  # fmt: skip
    if lifted:
        tx.run(
            f"UPDATE community_members SET status = {_AS_BEFORE} WHERE status = 'banned' AND id IN {everyone}",
            member_id, member_id,
        )  # fmt: skip
        audit(tx, community_id, actor, "member.unban", member_id, "", "", now)
    return bool(lifted)


def carry_ban(tx: Tx, source: str, target: str) -> None:
    """Two members are one person: the ban of one is the ban of both, unless that is the owner."""
    if tx.run(
        f"INSERT INTO community_bans (member_id, {_BAN}, status_before) SELECT ?, {_BAN}, (SELECT CASE status"
        " WHEN 'pending' THEN 'guest' WHEN 'banned' THEN 'active' ELSE status END FROM community_members WHERE id = ?)"
        " FROM community_bans WHERE member_id = ?"
        " AND lifted_at IS NULL AND NOT EXISTS (SELECT 1 FROM community_members WHERE id = ? AND role = 6)"
        " ON CONFLICT DO NOTHING",
        target, target, source, target,
    ):  # fmt: skip
        tx.run("UPDATE community_members SET status = 'banned', role = 0 WHERE id = ?", target)


def part_bans(tx: Tx, source: str, target: str, now: datetime) -> None:
    """They are two again: a ban that came with the source goes with it, a later one stays with both."""
    if tx.run(
        "UPDATE community_bans SET lifted_at = ? WHERE member_id = ? AND lifted_at IS NULL AND banned_at IN"
        " (SELECT banned_at FROM community_bans WHERE member_id = ? AND lifted_at IS NULL)",
        now, target, source,
    ):  # fmt: skip
        tx.run(f"UPDATE community_members SET status = {_AS_BEFORE} WHERE id = ?", target)
    else:
        carry_ban(tx, target, source)
