"""Tells community who moderates where: when it changes, and once a day while they talk; never line by line."""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

from flask_core.contracts import community
from flask_core.datamodels import Event, Role
from flask_core.errors import ServiceError, TooMany
from flask_core.service_client import ServiceClient
from flask_core.shared_state import SharedState
from twitch_module_flask.models import Notification, SeenRole, channel_key
from twitch_module_flask.role_repository import RoleRepository

log = logging.getLogger(__name__)

CHANGES = {
    "channel.moderator.add": (Role.VIEWER, Role.MODERATOR),
    "channel.moderator.remove": (Role.MODERATOR, Role.VIEWER),
    "channel.vip.add": (Role.VIEWER, Role.VIP),
    "channel.vip.remove": (Role.VIP, Role.VIEWER),
}
"""What each notification takes away, and what it gives."""
AGAIN = timedelta(days=1)
_KNOWN_SECONDS, _CHANNELS = 60.0, 1_000
_LEASE, _LEASE_SECONDS, _PAUSE = "twitch:roles", 60.0, 15.0
_AT_ONCE = 10
"""So few that all of them are told before the lease is over, however slowly each is answered."""
_THEIR_FAULT = 500


class PlatformRoles:
    """`spoke` and `changed` remember; `tell` hands on what is new, however long community is away."""

    def __init__(
        self,
        repository: RoleRepository,
        services: ServiceClient,
        shared: SharedState,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._repository = repository
        self._services = services
        self._shared = shared
        self._clock = clock
        self._known: OrderedDict[str, tuple[float, dict[str, SeenRole]]] = OrderedDict()
        self._news = asyncio.Event()
        self._owner = secrets.token_hex(8)

    async def spoke(self, line: Event) -> None:
        """Somebody wrote a line, whose badges say what they are in this channel."""
        assert line.account is not None
        role = line.account.platform_role
        seen = SeenRole(
            line.channel.rpartition(":")[2], line.account.user_id, role if role >= Role.VIP else Role.VIEWER,
            line.occurred_at,
        )  # fmt: skip
        try:
            known = (await self._of_channel(seen.broadcaster_id)).get(seen.user_id)
            if seen.role != (known.role if known else Role.VIEWER) or (known and seen.at - known.at > AGAIN):
                await self._remember(seen)
        except ServiceError as error:
            # The line itself is kept; the next one says the same.
            log.warning("a role is not remembered: %s", error.code)

    async def changed(self, message: Notification) -> SeenRole:
        """A streamer gave or took a role. Raises KeyError or TypeError for other fields than Twitch's."""
        said = message.payload["event"]
        taken, given = CHANGES[message.payload["subscription"]["type"]]
        seen = SeenRole(str(said["broadcaster_user_id"]), str(said["user_id"]), given, message.at)
        known = (await self._repository.of_channel(seen.broadcaster_id)).get(seen.user_id)
        # Who becomes a moderator is no VIP any more; which of the two comes first is not ours to choose.
        if given is not Role.VIEWER or known is None or known.role is taken:
            await self._remember(seen)
        return seen

    async def _of_channel(self, broadcaster_id: str) -> dict[str, SeenRole]:
        until, known = self._known.get(broadcaster_id, (0.0, {}))
        if until <= self._clock():
            known = await self._repository.of_channel(broadcaster_id)
            self._known[broadcaster_id] = (self._clock() + _KNOWN_SECONDS, known)
            self._known.move_to_end(broadcaster_id)
            if len(self._known) > _CHANNELS:
                self._known.popitem(last=False)
        return known

    async def _remember(self, seen: SeenRole) -> None:
        if await self._repository.saw(seen, seen.at - AGAIN):
            self._news.set()
        self._known.pop(seen.broadcaster_id, None)

    async def tell(self) -> None:
        """For ever; one replica at a time, so that an older word never comes after a newer one."""
        while True:
            self._news.clear()
            try:
                while await self._shared.lease(_LEASE, self._owner, _LEASE_SECONDS):
                    if not await self.tell_once():
                        break
            except ServiceError as error:
                log.warning("roles wait to be told: %s", error.code)
            with suppress(TimeoutError):
                async with asyncio.timeout(_PAUSE):
                    await self._news.wait()

    async def tell_once(self) -> bool:
        """Tell some of what waits; whether more may wait. Raises what keeps community from hearing it."""
        waiting, told = await self._repository.waiting(_AT_ONCE), list[SeenRole]()
        try:
            for seen in waiting:
                await self._tell(seen)
                told.append(seen)
        finally:
            await self._repository.told(told)
        return len(waiting) == _AT_ONCE

    async def _tell(self, seen: SeenRole) -> None:
        asked = community.PlatformRole(channel_key(seen.broadcaster_id), seen.user_id, seen.role)
        try:
            await self._services.call("community", community.PLATFORM_ROLES, asked)
        except ServiceError as error:
            if error.status >= _THEIR_FAULT or isinstance(error, TooMany):
                raise
            log.error("community does not take a role: %s", error.code)
