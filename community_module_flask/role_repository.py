"""Which role a person has, assigned here or shown by a platform."""

from __future__ import annotations

from datetime import datetime, timedelta

from community_module_flask.member_rows import HERE
from community_module_flask.waiting import role_now
from flask_core.contracts.community import PersonRole, PlatformRole
from flask_core.database import AsyncDAL, Tx
from flask_core.datamodels import Role

PLATFORM_ROLE_KEPT = timedelta(days=7)


class RoleRepository:
    """What platforms show is remembered for the portal, where nobody writes in a channel."""

    def __init__(self, database: AsyncDAL) -> None:
        self._database = database

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


def _role_of_person(tx: Tx, community_id: int, person_id: str, now: datetime) -> PersonRole:
    row = tx.row(
        f"SELECT id, role, waits_as, waits_until, status FROM community_members WHERE person_id = ? AND {HERE}",
        person_id, community_id,
    )  # fmt: skip
    if row is None:
        return PersonRole(Role.VIEWER, Role.VIEWER)
    seen = tx.value(
        "SELECT max(r.role) FROM community_platform_roles r JOIN community_member_accounts a ON a.platform = r.platform"
        " AND a.user_id = r.user_id JOIN community_channels c ON c.community_id = a.community_id"
        " AND c.platform || ':' || c.server_id || ':' || c.channel_id = r.channel"
        " WHERE a.member_id = ? AND c.community_id = ? AND r.seen_at > ? AND (a.waits_until IS NULL OR a.waits_until <= ?)",
        row[0], community_id, now - PLATFORM_ROLE_KEPT, now,
    )  # fmt: skip
    assigned = role_now(row[1], row[2], row[3], now)
    portal = max(assigned, Role.MODERATOR) if seen is not None and seen >= Role.MODERATOR else assigned
    return PersonRole(assigned, portal, row[0], banned=row[4] == "banned")
