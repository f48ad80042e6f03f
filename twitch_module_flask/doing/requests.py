"""What only the platform can do: shoutouts, title and category, clips and markers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from flask_core.contracts.twitch import UserQuery
from flask_core.datamodels import PlatformRequest
from flask_core.delivering import Done, Unsupported
from flask_core.errors import InvalidInput
from twitch_module_flask.doing.shoutouts import Shoutouts
from twitch_module_flask.doing.stream import Stream
from twitch_module_flask.lookups.users import Users
from twitch_module_flask.voices import Voice

type Request = Callable[[Voice, dict[str, Any]], Awaitable[Done]]


class Requests:
    """By the name of the operation; others are unsupported."""

    def __init__(self, shoutouts: Shoutouts, stream: Stream, users: Users) -> None:
        self.shoutouts = shoutouts
        self._stream = stream
        self._users = users
        self._known: dict[str, Request] = {
            "shoutout": self._shoutout, "set_title": self._set_title, "set_category": self._set_category,
            "clip": self._clip, "marker": self._marker,
        }  # fmt: skip

    async def carry_out(self, voice: Voice, request: PlatformRequest) -> Done:
        """Do it. Raises Unsupported for what Twitch has not got."""
        operation = self._known.get(request.operation)
        if operation is None:
            raise Unsupported(f"Twitch has nothing like {request.operation[:50]}.")
        return await operation(voice, request.arguments)

    async def _shoutout(self, voice: Voice, given: dict[str, Any]) -> Done:
        to = _text(given, "to").removeprefix("@")
        # A name may consist of digits, too; who calls with a number means an id.
        user = await self._users.find(UserQuery(id=to) if to.isdecimal() else UserQuery(login=to))
        return await self.shoutouts.give(voice, user.id)

    async def _set_title(self, voice: Voice, given: dict[str, Any]) -> Done:
        await self._stream.set_title(voice, _text(given, "text"))
        return Done()

    async def _set_category(self, voice: Voice, given: dict[str, Any]) -> Done:
        return Done(reason=(await self._stream.set_category(voice, _text(given, "name"))).name)

    async def _clip(self, voice: Voice, given: dict[str, Any]) -> Done:
        return Done(reason=await self._stream.clip(voice, str(given.get("title", ""))))

    async def _marker(self, voice: Voice, given: dict[str, Any]) -> Done:
        return Done(reason=f"{await self._stream.mark(voice, str(given.get('text', '')))} s")


def _text(given: dict[str, Any], name: str) -> str:
    said = given.get(name)
    if not isinstance(said, str) or not said.strip():
        raise InvalidInput(f"{name} is missing.")
    return said.strip()
