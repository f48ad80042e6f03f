"""Tells community who moderates where: when it changes, and once a day while they talk; never line by line."""

from __future__ import annotations

import time
from collections.abc import Callable

from flask_core.database import AsyncDAL
from flask_core.datamodels import Event, Role
from flask_core.role_telling import RoleTelling
from flask_core.seen_role_repository import SeenRole, SeenRoleRepository
from flask_core.service_client import ServiceClient
from flask_core.shared_state import SharedState
from twitch_module_flask.models import Notification, channel_key

CHANGES = {
    "channel.moderator.add": (Role.VIEWER, Role.MODERATOR),
    "channel.moderator.remove": (Role.MODERATOR, Role.VIEWER),
    "channel.vip.add": (Role.VIEWER, Role.VIP),
    "channel.vip.remove": (Role.VIP, Role.VIEWER),
}
"""What each notification takes away, and what it gives."""


def role_repository(database: AsyncDAL) -> SeenRoleRepository:
    """Roles by channel, of the channels that are ours."""
    return SeenRoleRepository(database, "broadcaster_id", "channels")


class PlatformRoles(RoleTelling):
    """`spoke` and `changed` remember what Twitch shows by badge or by notification."""

    def __init__(
        self,
        repository: SeenRoleRepository,
        services: ServiceClient,
        shared: SharedState,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__("twitch", repository, services, shared, lambda seen: [channel_key(seen.place)], clock)

    async def spoke(self, line: Event) -> None:
        """Somebody wrote a line, whose badges say what they are in this channel."""
        assert line.account is not None
        role = line.account.platform_role
        await self.noticed(
            SeenRole(
                line.channel.rpartition(":")[2], line.account.user_id, role if role >= Role.VIP else Role.VIEWER,
                line.occurred_at,
            )
        )  # fmt: skip

    async def changed(self, message: Notification) -> SeenRole:
        """A streamer gave or took a role. Raises KeyError or TypeError for other fields than Twitch's."""
        said = message.payload["event"]
        taken, given = CHANGES[message.payload["subscription"]["type"]]
        seen = SeenRole(str(said["broadcaster_user_id"]), str(said["user_id"]), given, message.at)
        known = (await self.known(seen.place)).get(seen.user_id)
        # Who becomes a moderator is no VIP any more; which of the two comes first is not ours to choose.
        if given is not Role.VIEWER or known is None or known.role is taken:
            await self.remember(seen)
        return seen
