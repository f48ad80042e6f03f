"""Communities that were deleted: brought back in time, or taken out of every table at the end."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from community_module_flask.audit import audit
from community_module_flask.community_repository import one_community, owned_besides
from community_module_flask.member_rows import HERE
from community_module_flask.waiting import role_now
from flask_core.contracts.community import GLOBAL_COMMUNITY, Community
from flask_core.database import AsyncDAL, Tx, UniqueViolation
from flask_core.datamodels import Role
from flask_core.errors import Conflict, Gone, LimitReached, NotFound

_AT_ONCE = 1_000
# In the order in which the tables refer to each other: table, key.
_OWN_ROWS = (
    ("community_transfers", "id"),
    ("community_requests", "id"),
    ("community_invitations", "id"),
    ("community_bans", "id"),
    ("community_merges", "merge_id, community_id, source"),
    ("community_member_accounts", "community_id, platform, user_id"),
    ("community_members", "id"),
    ("community_channels", "platform, server_id, channel_id"),
    ("community_servers", "platform, server_id"),
    ("community_audit", "id"),
)


class EndingRepository:
    """The owner is asked for in the statement itself, as everywhere."""

    def __init__(self, database: AsyncDAL) -> None:
        self._database = database

    async def delete(self, community_id: int, slug: str, actor: str, now: datetime) -> Community:
        """From now on nobody finds it. Raises NotFound, and Conflict for another short name."""

        def unit(tx: Tx) -> Community:
            found = one_community(tx, community_id)
            if found is None:
                raise NotFound("No such community.")
            if slug != found.slug:
                raise Conflict(f"That is not its short name. Type {found.slug} to delete «{found.name}».")
            tx.run(
                "UPDATE communities SET status = 'deleted', deleted_at = ?, version = version + 1 WHERE id = ?"
                " AND status = 'active'",
                now, community_id,
            )  # fmt: skip
            tx.run("DELETE FROM community_transfers WHERE community_id = ?", community_id)
            audit(tx, community_id, actor, "community.delete", str(community_id), found.name, "", now)
            return found

        return await self._database.write(unit)

    async def restore(
        self,
        community_id: int,
        person_id: str,
        name: tuple[str, str] | None,
        now: datetime,
        *,
        deleted_after: datetime,
        max_owned: int,
    ) -> Community:
        """It is found again, as (name, short name) if given. Raises NotFound for those who do not own it, Gone too late."""

        def unit(tx: Tx) -> Community:
            own_name, slug, deleted_at, member_id = _own_deleted(tx, community_id, person_id, now)
            if deleted_at <= deleted_after:
                raise Gone("Its time to be brought back is over.")
            if owned_besides(tx, member_id) >= max_owned:
                raise LimitReached(f"You own {max_owned} communities already.")
            called, slug = name or (own_name, slug)
            tx.run(
                "UPDATE communities SET status = 'active', deleted_at = NULL, name = ?, slug = ?, version = version + 1"
                " WHERE id = ? AND status = 'deleted'",
                called, slug, community_id,
            )  # fmt: skip
            audit(tx, community_id, person_id, "community.restore", str(community_id), "", called, now)
            found = one_community(tx, community_id)
            assert found is not None
            return found

        try:
            return await self._database.write(unit)
        except UniqueViolation:
            raise Conflict("The name is taken meanwhile. Bring it back under another one.", field="name") from None

    async def deleted_of(self, person_id: str, deleted_after: datetime) -> list[tuple[int, str, str, datetime]]:
        """Id, short name, name and time of a person's own that can still be brought back."""
        rows: Sequence[tuple[Any, ...]] = await self._database.read(
            lambda tx: tx.rows(
                "SELECT c.id, c.slug, c.name, c.deleted_at FROM communities c JOIN community_members m"
                " ON m.community_id = c.id WHERE m.person_id = ? AND m.role = 6 AND m.forwards_to IS NULL"
                " AND c.status = 'deleted' AND c.deleted_at > ? ORDER BY c.deleted_at DESC, c.id",
                person_id,
                deleted_after,
            )
        )
        return [(row[0], row[1], row[2], row[3]) for row in rows]

    async def ended(self, deleted_before: datetime, now: datetime) -> int:
        """Put communities whose time is over into the outbox; how many were new there."""

        def unit(tx: Tx) -> int:
            over = tx.rows(
                "SELECT id FROM communities WHERE status = 'deleted' AND deleted_at <= ? ORDER BY deleted_at LIMIT 500",
                deleted_before,
            )
            return sum(
                tx.run(
                    "INSERT INTO community_outbox (kind, merge_id, community_id, source, target, due_at, attempts)"
                    " VALUES ('erase', ?, ?, '', '', ?, 0) ON CONFLICT DO NOTHING",
                    f"erase-{row[0]}", row[0], now,
                )
                for row in over
            )  # fmt: skip

        return await self._database.write(unit)

    async def purge(self, community_id: int, now: datetime) -> None:
        """Everything of our own about it, a thousand rows at a time; the second time nothing is left to do."""
        while await self._database.write(lambda tx: _platform_roles(tx, community_id)) == _AT_ONCE:
            pass
        for table, key in _OWN_ROWS:
            statement = (
                f"DELETE FROM {table} WHERE ({key}) IN (SELECT {key} FROM {table} WHERE community_id = ? LIMIT ?)"
            )
            while await self._delete(statement, community_id) == _AT_ONCE:
                pass

        def unit(tx: Tx) -> None:
            if tx.run("DELETE FROM communities WHERE id = ? AND status = 'deleted'", community_id):
                audit(tx, GLOBAL_COMMUNITY, "time", "community.purge", str(community_id), "", "", now)

        await self._database.write(unit)

    async def _delete(self, statement: str, community_id: int) -> int:
        return await self._database.write(lambda tx: tx.run(statement, community_id, _AT_ONCE))


def _platform_roles(tx: Tx, community_id: int) -> int:
    """What platforms showed in its channels and servers; it is kept by channel."""
    return tx.run(
        "DELETE FROM community_platform_roles WHERE (platform, user_id, channel) IN (SELECT r.platform, r.user_id,"
        " r.channel FROM community_platform_roles r JOIN (SELECT platform, server_id, channel_id FROM"
        " community_channels WHERE community_id = ? UNION ALL SELECT platform, server_id, '*' FROM community_servers"
        " WHERE community_id = ?) c ON c.platform = r.platform"
        " AND c.platform || ':' || c.server_id || ':' || c.channel_id = r.channel LIMIT ?)",
        community_id, community_id, _AT_ONCE,
    )  # fmt: skip


def _own_deleted(tx: Tx, community_id: int, person_id: str, now: datetime) -> tuple[str, str, datetime, str]:
    """Name, short name, time and owner of a deleted community; raises NotFound for everybody but the owner."""
    row = tx.row(
        "SELECT c.name, c.slug, c.deleted_at, m.id, m.role, m.waits_as, m.waits_until FROM communities c"
        f" JOIN community_members m ON m.community_id = c.id WHERE m.{HERE} AND m.person_id = ? AND m.role = 6"
        " AND c.status = 'deleted'",
        community_id, person_id,
    )  # fmt: skip
    if row is None or role_now(row[4], row[5], row[6], now) < Role.OWNER:
        raise NotFound("No such community.")
    return row[0], row[1], row[2], row[3]
