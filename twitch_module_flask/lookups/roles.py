"""Who is what in a channel: asked with the streamer's own rights, so connected channels only."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from flask_core.contracts.twitch_lookups import (
    FollowFacts,
    FollowQuery,
    Holder,
    HolderList,
    HolderQuery,
    RoleFacts,
    RoleQuery,
)
from flask_core.datamodels import Role
from flask_core.errors import NotReady
from flask_core.shared_state import SharedState
from twitch_module_flask.doing.calls import Calls, refused
from twitch_module_flask.doing.rights import (
    READ_FOLLOWERS,
    READ_MODERATORS,
    READ_SUBSCRIBERS,
    READ_VIPS,
    Lacking,
    Right,
)
from twitch_module_flask.helix import data_of
from twitch_module_flask.lookups.keeping import asked, kept, known_as_id
from twitch_module_flask.models import channel_key
from twitch_module_flask.voices import Voice, Voices

_SECONDS = 60.0
_BAD, _NOT_FOUND = 400, 404
_PAGE, _MOST_PAGES = "100", 100
_ASKED = ((READ_MODERATORS, Role.MODERATOR), (READ_VIPS, Role.VIP), (READ_SUBSCRIBERS, Role.SUBSCRIBER))


class Roles:
    """At most a minute old."""

    def __init__(self, calls: Calls, voices: Voices, shared: SharedState) -> None:
        self._calls = calls
        self._voices = voices
        self._shared = shared

    async def role(self, query: RoleQuery) -> RoleFacts:
        """The highest role. Raises NotFound for a channel that is not connected."""
        known_as_id(query.user)
        voice = await self._voices.of(_key(query.channel))
        key = f"role:{query.channel}:{query.user}"
        return await kept(self._shared, key, _SECONDS, RoleFacts, lambda: self._role(voice, query.user))

    async def _role(self, voice: Voice, user_id: str) -> RoleFacts:
        if user_id == voice.broadcaster_id:
            return RoleFacts(Role.OWNER)
        missing: list[str] = []
        for right, role in _ASKED:
            try:
                if await self._some(right, voice, user_id):
                    return RoleFacts(role, tuple(missing))
            except Lacking:
                missing.append(right.scope)
        return RoleFacts(Role.VIEWER, tuple(missing))

    async def holders(self, query: HolderQuery) -> HolderList:
        """All of them. Raises NotReady where the streamer has not allowed us to see that."""
        voice = await self._voices.of(_key(query.channel))
        right = READ_VIPS if query.kind == "twitch_vip" else READ_MODERATORS
        try:
            return await kept(
                self._shared, f"holders:{right.path}:{query.channel}", _SECONDS, HolderList,
                lambda: self._holders(right, voice),
            )  # fmt: skip
        except Lacking as error:
            raise NotReady(error.message, scope=right.scope) from error

    async def follow(self, query: FollowQuery) -> FollowFacts:
        """Since when. Raises NotFound for a channel that is not connected, NotReady where we may not see that."""
        known_as_id(query.user)
        voice = await self._voices.of(_key(query.channel))

        async def find() -> FollowFacts:
            return FollowFacts(await self.followed_since(voice, query.user))

        key = f"follow:{voice.broadcaster_id}:{query.user}"
        try:
            return await kept(self._shared, key, _SECONDS, FollowFacts, find)
        except Lacking as error:
            raise NotReady(error.message, scope=READ_FOLLOWERS.scope) from error

    async def followed_since(self, voice: Voice, user_id: str) -> datetime | None:
        """Since when somebody follows. Raises Lacking where the streamer has not allowed us to see that."""
        found = await asked(lambda: self._some(READ_FOLLOWERS, voice, user_id))
        return datetime.fromisoformat(found[0]["followed_at"]) if found else None

    async def _holders(self, right: Right, voice: Voice) -> HolderList:
        found: list[Holder] = []
        cursor = ""
        for _ in range(_MOST_PAGES):
            after = {"after": cursor} if cursor else {}
            about = {"broadcaster_id": voice.broadcaster_id, "first": _PAGE, **after}
            answer = await self._calls.make(right, voice, "GET", params=about)
            if answer.status_code >= _BAD:
                raise refused(answer)
            found += [Holder(str(one["user_id"]), one["user_login"], one["user_name"]) for one in data_of(answer)]
            cursor = msgspec.json.decode(answer.content).get("pagination", {}).get("cursor", "")
            if not cursor:
                break
        return HolderList(tuple(found))

    async def _some(self, right: Right, voice: Voice, user_id: str) -> list[dict[str, Any]]:
        about = {"broadcaster_id": voice.broadcaster_id, "user_id": user_id}
        answer = await self._calls.make(right, voice, "GET", params=about)
        if answer.status_code >= _BAD and answer.status_code != _NOT_FOUND:
            raise refused(answer)
        return data_of(answer)


def _key(channel: str) -> str:
    """The channel key of a broadcaster id, or of a channel key."""
    return channel_key(channel.rpartition(":")[2])
