"""Which role a person has, assigned here or shown by a platform."""

from __future__ import annotations

from datetime import datetime, timedelta

from community_module_flask.channel_repository import DELETED
from community_module_flask.member_rows import HERE, one_member
from community_module_flask.waiting import role_now
from flask_core.contracts.community import AccountOf, AccountRole, PersonRole, PlatformRole
from flask_core.database import AsyncDAL, Tx
from flask_core.datamodels import ChannelKey, Role

PLATFORM_ROLE_KEPT = timedelta(days=7)
_KEY = "c.platform || ':' || c.server_id || ':' || c.channel_id = r.channel"
_IN_CHANNEL = f"SELECT 1 FROM community_channels c WHERE c.community_id = ? AND c.platform = r.platform AND {_KEY}"
# All of a server is written `platform:server:*`; a channel with a home of its own is not the server's.
_IN_SERVER = (
    "SELECT 1 FROM community_servers s WHERE s.community_id = ? AND s.platform = r.platform"
    " AND substr(r.channel, 1, length(s.platform || ':' || s.server_id || ':')) = s.platform || ':' || s.server_id || ':'"
    " AND NOT EXISTS (SELECT 1 FROM community_channels c WHERE c.platform = s.platform AND c.server_id = s.server_id"
    f" AND {_KEY} AND c.community_id NOT IN {DELETED})"
)


class RoleRepository:
    """What platforms show is remembered for the portal, where nobody writes in a channel."""

    def __init__(self, database: AsyncDAL) -> None:
        self._database = database

    async def role_of_person(self, community_id: int, person_id: str, now: datetime) -> PersonRole:
        """Assigned role, and at least moderator in the portal when a platform said so in the last 7 days."""
        return await self._database.read(lambda tx: _role_of_person(tx, community_id, person_id, now))

    async def role_of_account(self, asked: AccountOf, now: datetime) -> AccountRole:
        """The highest of the assigned role and what platforms showed in the last 7 days."""
        return await self._database.read(lambda tx: _role_of_account(tx, asked, now))

    async def platform_role(self, asked: PlatformRole, now: datetime) -> None:
        """Remember what a platform showed, also in all of a server; viewer takes it away."""
        platform = ChannelKey.parse(asked.channel.removesuffix("*") + "x").platform.value

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
    ended = tx.value("SELECT status FROM communities WHERE id = ?", community_id) == "deleted"
    row = tx.row(
        f"SELECT id, role, waits_as, waits_until, status FROM community_members WHERE person_id = ? AND {HERE}",
        person_id, community_id,
    )  # fmt: skip
    if row is None:
        return PersonRole(Role.VIEWER, Role.VIEWER, ended=ended)
    assigned = role_now(row[1], row[2], row[3], now)
    seen = _seen(tx, community_id, row[0], now)
    portal = max(assigned, Role.MODERATOR) if seen >= Role.MODERATOR else assigned
    return PersonRole(assigned, portal, row[0], banned=row[4] == "banned", ended=ended)


def _role_of_account(tx: Tx, asked: AccountOf, now: datetime) -> AccountRole:
    row = tx.row(
        "SELECT m.id, m.role, a.waits_as, a.waits_until FROM community_member_accounts a JOIN community_members m"
        " ON m.id = a.member_id WHERE a.community_id = ? AND a.platform = ? AND a.user_id = ?",
        asked.community_id, asked.platform, asked.user_id,
    )  # fmt: skip
    if row is None:
        return AccountRole()
    role = max(role_now(row[1], row[2], row[3], now), _seen(tx, asked.community_id, row[0], now))
    return AccountRole(role, row[0], one_member(tx, asked.community_id, row[0]).accounts)


def _seen(tx: Tx, community_id: int, member_id: str, now: datetime) -> Role:
    """What platforms showed of a member's accounts, in channels and servers of the community."""
    seen = tx.value(
        "SELECT max(r.role) FROM community_platform_roles r JOIN community_member_accounts a ON a.platform = r.platform"
        " AND a.user_id = r.user_id"
        " WHERE a.member_id = ? AND r.seen_at > ? AND (a.waits_until IS NULL OR a.waits_until <= ?)"
        f" AND (EXISTS ({_IN_CHANNEL}) OR EXISTS ({_IN_SERVER}))",
        member_id, now - PLATFORM_ROLE_KEPT, now, community_id, community_id,
    )  # fmt: skip
    return Role.VIEWER if seen is None else Role(seen)
