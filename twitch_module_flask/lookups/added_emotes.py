"""Emotes that 7TV, BetterTTV and FrankerFaceZ add to a channel: asked over their public pages, kept for an hour."""

from __future__ import annotations

from dataclasses import dataclass

import httpx
import msgspec

from flask_core.contracts.twitch_lookups import Emote, EmoteList
from flask_core.errors import UpstreamFailed
from flask_core.http_client import HttpClient
from flask_core.shared_state import SharedState
from twitch_module_flask.lookups.keeping import kept, known_as_id

_SECONDS = 3_600.0
_MOST, _MOST_BYTES, _TIMEOUT = 5_000, 8 * 1024 * 1024, 5.0
_NOT_FOUND, _BAD = 404, 400


class _Named(msgspec.Struct, frozen=True):
    name: str
    id: str | int = ""


class _Coded(msgspec.Struct, frozen=True):
    code: str
    id: str | int = ""


class _EmoteSet(msgspec.Struct, frozen=True):
    emotes: tuple[_Named, ...] | None = None


class _SevenTv(msgspec.Struct, frozen=True):
    emote_set: _EmoteSet | None = None

    def emotes(self) -> list[tuple[str | int, str]]:
        of = self.emote_set.emotes if self.emote_set else None
        return [(one.id, one.name) for one in of or ()]


class _BetterTtv(msgspec.Struct, frozen=True, rename="camel"):
    channel_emotes: tuple[_Coded, ...] = ()
    shared_emotes: tuple[_Coded, ...] = ()

    def emotes(self) -> list[tuple[str | int, str]]:
        return [(one.id, one.code) for one in (*self.channel_emotes, *self.shared_emotes)]


class _Emoticons(msgspec.Struct, frozen=True):
    emoticons: tuple[_Named, ...] = ()


class _FrankerFaceZ(msgspec.Struct, frozen=True):
    sets: dict[str, _Emoticons] = {}

    def emotes(self) -> list[tuple[str | int, str]]:
        return [(one.id, one.name) for each in self.sets.values() for one in each.emoticons]


@dataclass(frozen=True, slots=True)
class Service:
    """One of them: how it is called, and how its answers are read; `path` takes a broadcaster's id."""

    name: str
    path: str
    read: type[_SevenTv | _BetterTtv | _FrankerFaceZ]


SERVICES = {
    "7tv": Service("7TV", "/users/twitch/{}", _SevenTv),
    "bttv": Service("BetterTTV", "/cached/users/twitch/{}", _BetterTtv),
    "ffz": Service("FrankerFaceZ", "/room/id/{}", _FrankerFaceZ),
}


class AddedEmotes:
    """`urls` are the bases of the services, by their keys in SERVICES."""

    def __init__(self, http: HttpClient, shared: SharedState, urls: dict[str, str]) -> None:
        self._http = http
        self._shared = shared
        self._urls = urls

    async def of(self, source: str, broadcaster_id: str) -> EmoteList:
        """None for a channel that the service does not know. Raises Unavailable while it is away."""
        known_as_id(broadcaster_id)
        service = SERVICES[source]
        url = self._urls[source] + service.path.format(broadcaster_id)
        key = f"emotes:{source}:{broadcaster_id}"
        return await kept(self._shared, key, _SECONDS, EmoteList, lambda: self._ask(service, url), service.name)

    async def _ask(self, service: Service, url: str) -> EmoteList:
        answer = await self._http.guarded("GET", url, timeout=_TIMEOUT, most_bytes=_MOST_BYTES)
        if answer.status_code == _NOT_FOUND:
            return EmoteList(())
        found = _read(service, answer)
        return EmoteList(tuple(Emote(str(number), name) for number, name in found[:_MOST]))


def _read(service: Service, answer: httpx.Response) -> list[tuple[str | int, str]]:
    try:
        if answer.status_code >= _BAD:
            raise ValueError
        return msgspec.json.decode(answer.content, type=service.read).emotes()
    except (ValueError, msgspec.MsgspecError) as error:
        raise UpstreamFailed(f"{service.name} answered something that cannot be read.") from error
