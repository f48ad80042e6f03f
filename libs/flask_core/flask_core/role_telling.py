"""Roles that a platform shows: remembered by its trigger, told to community when they change and once a day."""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import timedelta

from flask_core.contracts import community
from flask_core.datamodels import Role
from flask_core.errors import ServiceError, TooMany
from flask_core.remembered import RememberedBy
from flask_core.seen_role_repository import SeenRole, SeenRoleRepository
from flask_core.service_client import ServiceClient
from flask_core.shared_state import SharedState

log = logging.getLogger(__name__)

AGAIN = timedelta(days=1)
_KNOWN_SECONDS, _PLACES = 60.0, 1_000
_LEASE_SECONDS, _PAUSE = 60.0, 15.0
_AT_ONCE = 10
"""So few that all of them are told before the lease is over, however slowly each is answered."""
_THEIR_FAULT = 500


class RoleTelling:
    """`noticed` remembers what is new; `tell` hands it on, however long community is away.

    `channels` gives the keys of the channels in which a role of a place counts.
    """

    def __init__(
        self,
        platform: str,
        repository: SeenRoleRepository,
        services: ServiceClient,
        shared: SharedState,
        channels: Callable[[SeenRole], Iterable[str]],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._repository = repository
        self._services = services
        self._shared = shared
        self._channels = channels
        self._known = RememberedBy(repository.of_place, _KNOWN_SECONDS, clock, most=_PLACES)
        self._news = asyncio.Event()
        self._lease = f"{platform}:roles"
        self._owner = secrets.token_hex(8)

    async def noticed(self, seen: SeenRole) -> None:
        """Somebody was seen with a role, whatever it was before; nothing fails for want of a database."""
        try:
            known = (await self._known.get(seen.place)).get(seen.user_id)
            if seen.role != (known.role if known else Role.VIEWER) or (known and seen.at - known.at > AGAIN):
                await self.remember(seen)
        except ServiceError as error:
            # What caused it is kept; the next time says the same.
            log.warning("a role is not remembered: %s", error.code)

    async def known(self, place: str) -> dict[str, SeenRole]:
        """What is remembered of a place, by user."""
        return await self._repository.of_place(place)

    async def remember(self, seen: SeenRole) -> None:
        """Keep it, to be told if it is new."""
        if await self._repository.saw(seen, seen.at - AGAIN):
            self._news.set()
        self._known.forget(seen.place)

    async def tell(self) -> None:
        """For ever; one replica at a time, so that an older word never comes after a newer one."""
        while True:
            self._news.clear()
            try:
                while await self._shared.lease(self._lease, self._owner, _LEASE_SECONDS):
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
                for channel in self._channels(seen):
                    await self._tell(community.PlatformRole(channel, seen.user_id, seen.role))
                told.append(seen)
        finally:
            await self._repository.told(told)
        return len(waiting) == _AT_ONCE

    async def _tell(self, asked: community.PlatformRole) -> None:
        try:
            await self._services.call("community", community.PLATFORM_ROLES, asked)
        except ServiceError as error:
            if error.status >= _THEIR_FAULT or isinstance(error, TooMany):
                raise
            log.error("community does not take a role: %s", error.code)
