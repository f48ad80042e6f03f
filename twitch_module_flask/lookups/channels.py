"""Channels with their stream, clips and emotes: what anybody may see."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask_core.contracts.twitch_lookups import ChannelFacts, Clip, ClipList, ClipQuery, Emote, EmoteList
from flask_core.errors import Forbidden, NotFound
from flask_core.shared_state import SharedState
from twitch_module_flask.helix import ANYBODY, Helix, data_of
from twitch_module_flask.lookups.keeping import kept, known_as_id

_CHANNEL_SECONDS, _CLIP_SECONDS, _EMOTE_SECONDS = 30.0, 600.0, 3_600.0
_MOST_CLIPS = 100
_SET = re.compile(r"[A-Za-z0-9_-]{1,100}")


class Channels:
    """Channels at most 30 s old, clips 10 minutes, emotes an hour."""

    def __init__(self, helix: Helix, shared: SharedState) -> None:
        self._helix = helix
        self._shared = shared

    async def channel(self, broadcaster_id: str) -> ChannelFacts:
        """Raises NotFound, and Unavailable while Twitch is away."""
        known_as_id(broadcaster_id)
        return await kept(
            self._shared, _key(broadcaster_id), _CHANNEL_SECONDS, ChannelFacts, lambda: self._channel(broadcaster_id)
        )

    async def changed(self, broadcaster_id: str) -> None:
        """We changed it: the next who asks is told the new."""
        await self._shared.delete(f"twitch:{_key(broadcaster_id)}")

    async def clips(self, query: ClipQuery) -> ClipList:
        """The most watched ones."""
        known_as_id(query.broadcaster_id)
        first = min(max(query.first, 1), _MOST_CLIPS)
        since = query.since.isoformat() if query.since else ""
        key = f"clips:{query.broadcaster_id}:{since}:{first}"
        return await kept(self._shared, key, _CLIP_SECONDS, ClipList, lambda: self._clips(query, first))

    async def emotes(self, emote_set: str) -> EmoteList:
        """Those of a set; an unknown set has none."""
        if not _SET.fullmatch(emote_set):
            raise NotFound("Twitch knows no such emotes.")
        return await kept(
            self._shared, f"emotes:{emote_set}", _EMOTE_SECONDS, EmoteList,
            lambda: self._emotes("/chat/emotes/set", {"emote_set_id": emote_set}),
        )  # fmt: skip

    async def own_emotes(self, broadcaster_id: str) -> EmoteList:
        """Those that the streamer made."""
        known_as_id(broadcaster_id)
        key = f"emotes-of:{broadcaster_id}"
        return await kept(
            self._shared, key, _EMOTE_SECONDS, EmoteList,
            lambda: self._emotes("/chat/emotes", {"broadcaster_id": broadcaster_id}),
        )  # fmt: skip

    async def _channel(self, broadcaster_id: str) -> ChannelFacts:
        found = await self._get("/channels", {"broadcaster_id": broadcaster_id})
        if not found:
            raise NotFound("Twitch knows no such channel.")
        streams = await self._get("/streams", {"user_id": broadcaster_id})
        channel, stream = found[0], streams[0] if streams else {}
        started = stream.get("started_at")
        return ChannelFacts(
            id=broadcaster_id,
            login=str(channel.get("broadcaster_login", "")),
            display_name=str(channel.get("broadcaster_name") or channel.get("broadcaster_login", "")),
            title=str(channel.get("title", "")),
            category=str(channel.get("game_name", "")),
            category_id=str(channel.get("game_id", "")),
            live=bool(stream),
            viewers=int(stream.get("viewer_count", 0)),
            started_at=datetime.fromisoformat(started) if started else None,
            followers=await self._followers(broadcaster_id),
            language=str(channel.get("broadcaster_language", "")),
            tags=tuple(channel.get("tags") or ()),
            content_labels=tuple(channel.get("content_classification_labels") or ()),
        )

    async def _followers(self, broadcaster_id: str) -> int:
        try:
            answer = await self._helix.call(
                "GET", "/channels/followers", ANYBODY, params={"broadcaster_id": broadcaster_id, "first": "1"}
            )
            return int(answer.json().get("total", 0))
        except (Forbidden, ValueError):
            return 0

    async def _clips(self, query: ClipQuery, first: int) -> ClipList:
        asked = {"broadcaster_id": query.broadcaster_id, "first": str(first)}
        if query.since:
            asked["started_at"] = query.since.isoformat()
        return ClipList(tuple(map(_clip, await self._get("/clips", asked))))

    async def _emotes(self, path: str, asked: Mapping[str, str]) -> EmoteList:
        found = await self._get(path, asked)
        shown = (Emote(str(one["id"]), str(one["name"]), str(one.get("images", {}).get("url_1x", ""))) for one in found)
        return EmoteList(tuple(shown))

    async def _get(self, path: str, asked: Mapping[str, str]) -> list[dict[str, Any]]:
        return data_of(await self._helix.call("GET", path, ANYBODY, params=asked))


def _key(broadcaster_id: str) -> str:
    return f"channel:{broadcaster_id}"


def _clip(said: dict[str, Any]) -> Clip:
    return Clip(
        id=str(said["id"]),
        url=str(said["url"]),
        title=str(said.get("title", "")),
        creator=str(said.get("creator_name", "")),
        views=int(said.get("view_count", 0)),
        seconds=float(said.get("duration", 0)),
        created_at=datetime.fromisoformat(said["created_at"]),
        thumbnail_url=str(said.get("thumbnail_url", "")),
    )
