"""Communities and their channels: who may make, change and attach them."""

from __future__ import annotations

import re
import secrets
import unicodedata
from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from community_module_flask.channel_repository import ChannelRepository
from community_module_flask.community_repository import CommunityRepository
from community_module_flask.models import Founder
from community_module_flask.publishing import Publisher
from flask_core.auth import utc_now
from flask_core.contracts.community import (
    GLOBAL_COMMUNITY,
    AttachChannel,
    Channel,
    Community,
    CreateCommunity,
    PatchCommunity,
)
from flask_core.datamodels import ChannelKey, Role
from flask_core.errors import Forbidden, InvalidInput, NotFound

_RESERVED = frozenset({"global", "admin", "api", "auth", "me", "new", "operator", "portal", "static", "waddlebot"})
_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{1,30})[a-z0-9]")
_MAX_NAME, _MAX_DESCRIPTION = 64, 500


class Communities:
    """Rules about tenants."""

    def __init__(
        self,
        repository: CommunityRepository,
        channels: ChannelRepository,
        publisher: Publisher,
        *,
        max_owned: int,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._repository = repository
        self._channels = channels
        self._publisher = publisher
        self._max_owned = max_owned
        self._now = now

    async def create(self, asked: CreateCommunity, founder: Founder) -> Community:
        """A new community that the founder owns."""
        check_texts(asked.name, asked.description, asked.time_zone)
        slug = asked.slug or slug_of(asked.name)
        if not _SLUG.fullmatch(slug) or slug in _RESERVED:
            raise InvalidInput("A short name has 3 to 32 of a-z, 0-9 and -, and is not reserved.", field="slug")
        return await self._repository.create(asked, slug, founder, self._now(), max_owned=self._max_owned)

    async def show(self, community_id: int, person_id: str | None) -> Community:
        """A community as a person may see it; `None` is a module. What may not be seen does not exist."""
        found = await self._repository.one(community_id, deleted=person_id is not None)
        if found is None:
            raise NotFound("No such community.")
        if person_id is None or (found.public and found.deleted_at is None):
            return found
        if not await self._repository.knows(community_id, person_id):
            raise NotFound("No such community.")
        return found

    async def belonging_to(self, person_id: str, q: str) -> list[Community]:
        """A person's communities, or public ones that match `q`."""
        return await (self._repository.public(q) if q else self._repository.of_person(person_id, self._now()))

    async def patch(self, asked: PatchCommunity, actor: str) -> Community:
        """Change texts, zone or ways of joining."""
        if asked.community_id == GLOBAL_COMMUNITY:
            raise Forbidden("The global community belongs to the operator.")
        check_texts(asked.name, asked.description, asked.time_zone)
        changed = await self._repository.patch(asked, actor, self._now())
        await self._publisher.community_changed(asked.community_id)
        return changed

    async def attach(self, asked: AttachChannel, actor: str) -> Channel:
        """Attach a channel whose control was proved; it answers from the next message on."""
        if asked.community_id == GLOBAL_COMMUNITY:
            raise Forbidden("Channels cannot be attached to the global community.")
        if await self._repository.one(asked.community_id) is None:
            raise NotFound("No such community.")
        key = ChannelKey.parse(asked.key)
        attached = await self._channels.attach(asked.community_id, key, asked.name[:_MAX_NAME], actor, self._now())
        await self._publisher.channel_changed(str(key))
        return attached

    async def detach(self, community_id: int, key: str, actor: str) -> None:
        """Detach a channel."""
        channel = ChannelKey.parse(key)
        if not await self._channels.detach(community_id, channel, actor, self._now()):
            raise NotFound("This channel is not attached here.")
        await self._publisher.channel_changed(str(channel))

    async def channels(self, community_id: int) -> list[Channel]:
        """Attached channels of a community."""
        return await self._channels.channels(community_id)

    async def platform_channels(self, platform: str) -> list[Channel]:
        """Attached channels of a platform, in all communities."""
        return await self._channels.channels(platform=platform)

    async def of_account(self, platform: str, user_id: str) -> list[Community]:
        """Communities of a chatter."""
        return await self._repository.of_account(platform, user_id, self._now())

    async def prove_control(self, key: str, role: Role) -> None:
        """Raise Forbidden unless the platform shows the caller as owner or admin of the channel."""
        if role < Role.ADMIN:
            raise Forbidden(f"Only the owner or an admin of this {key.partition(':')[0]} channel can attach it.")


def slug_of(name: str) -> str:
    """A short name out of a display name: `Café del Mar` becomes `cafe-del-mar`, what has no letters gets a number."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:32].strip("-")
    if _SLUG.fullmatch(slug) and slug not in _RESERVED:
        return slug
    return f"{slug or 'community'}-{secrets.token_hex(3)}"


def check_texts(name: str | None, description: str | None, time_zone: str | None) -> None:
    """Raise InvalidInput for texts that are too long, and for a zone that nobody knows; None is not looked at."""
    if name is not None and not 1 <= len(name.strip()) <= _MAX_NAME:
        raise InvalidInput(f"A name has 1 to {_MAX_NAME} characters.", field="name")
    if description is not None and len(description) > _MAX_DESCRIPTION:
        raise InvalidInput(f"A description has at most {_MAX_DESCRIPTION} characters.", field="description")
    if time_zone is not None:
        try:
            ZoneInfo(time_zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            # OSError: the name of a folder of zones, or one too long for a file.
            raise InvalidInput("Write a time zone such as Europe/Berlin.", field="time_zone") from None
