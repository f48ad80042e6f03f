"""Answers to commands and clicks: five by `response_url` within half an hour, then as ephemeral messages."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from flask_core.encryption import Sealer
from flask_core.errors import NotFound, ServiceError
from flask_core.shared_state import SharedState
from slack_module_flask.web_api import WebApi
from slack_module_flask.workspaces import Workspaces

USES = 5
SECONDS = 1_800.0
_KEPT = 86_400.0
PREFIX = "response:"


class Place(msgspec.Struct, frozen=True):
    """Where somebody asked; `url` is sealed."""

    team_id: str
    channel_id: str
    user_id: str
    url: str


_decoder = msgspec.json.Decoder(Place)


class Responses:
    """`keep` gives the name under which an answer finds its way back."""

    def __init__(self, shared: SharedState, sealer: Sealer, api: WebApi, workspaces: Workspaces) -> None:
        self._shared = shared
        self._sealer = sealer
        self._api = api
        self._workspaces = workspaces

    async def keep(self, trigger_id: str, team_id: str, channel_id: str, user_id: str, url: str) -> str:
        """Remember where an answer belongs."""
        name = PREFIX + hashlib.sha256(trigger_id.encode()).hexdigest()[:24]
        place = Place(team_id, channel_id, user_id, self._sealer.seal(url) if url else "")
        await self._shared.set(_key(name), msgspec.json.encode(place), _KEPT)
        await self._shared.set(f"{_key(name)}:open", b"1", SECONDS)
        return name

    async def place(self, name: str) -> Place | None:
        """Where the answer belongs; None when that is forgotten."""
        kept = await self._shared.get(_key(name))
        return _decoder.decode(kept) if kept else None

    async def say(self, name: str, message: dict[str, Any], *, public: bool = False) -> str:
        """Answer; the ephemeral message's time where Slack tells one. Raises NotFound when the asker is forgotten."""
        place = await self.place(name)
        if place is None:
            raise NotFound("Nobody knows any more who asked that.")
        if place.url and await self._may_respond(name):
            body = {**message, "response_type": "in_channel" if public else "ephemeral", "replace_original": False}
            try:
                await self._api.respond(self._sealer.open(place.url).decode(), body)
            except NotFound:
                return await self._ephemeral(place, message)
            return ""
        return await self._ephemeral(place, message)

    async def or_say(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        """Do it; what is refused is said to the asker."""
        try:
            await work()
        except ServiceError as refused:
            await self.say(name, {"text": refused.message})

    async def _may_respond(self, name: str) -> bool:
        if await self._shared.get(f"{_key(name)}:open") is None:
            return False
        return await self._shared.increment(f"{_key(name)}:uses", SECONDS) <= USES

    async def _ephemeral(self, place: Place, message: dict[str, Any]) -> str:
        return await whisper(self._workspaces, place.team_id, place.channel_id, place.user_id, message)


async def whisper(workspaces: Workspaces, team_id: str, channel_id: str, user_id: str, message: dict[str, Any]) -> str:
    """Say something to one member: in the channel if they and the bot are there, else directly."""
    if not channel_id.startswith("D"):
        try:
            said = await workspaces.call(team_id, "chat.postEphemeral", channel=channel_id, user=user_id, **message)
            return str(said.get("message_ts", ""))
        except NotFound:
            pass
    direct = {name: value for name, value in message.items() if name != "thread_ts"}
    said = await workspaces.call(team_id, "chat.postMessage", channel=user_id, **direct)
    return str(said.get("ts", ""))


def _key(name: str) -> str:
    return f"slack:{name}"
