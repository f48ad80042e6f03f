"""The stream itself: its title and category, clips and markers, with the streamer's own right."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from flask_core.errors import InvalidInput, NotFound
from twitch_module_flask.doing.calls import Calls, refused
from twitch_module_flask.doing.rights import CHANGE, CLIP, MARK
from twitch_module_flask.helix import ANYBODY, Helix, data_of
from twitch_module_flask.voices import Voice

LONGEST_TITLE = 140
_LONGEST_NAME = 140
_BAD, _NOT_FOUND = 400, 404
_NO_STREAM = "No stream to clip."


@dataclass(frozen=True, slots=True)
class Category:
    """What a stream can be about."""

    id: str
    name: str


class Stream:
    """Raises Lacking where the streamer has not allowed it, and InvalidInput for what Twitch does not take."""

    def __init__(self, calls: Calls, helix: Helix) -> None:
        self._calls = calls
        self._helix = helix

    async def set_title(self, voice: Voice, title: str) -> None:
        """Call it so."""
        title = " ".join(title.split())
        if not 1 <= len(title) <= LONGEST_TITLE:
            raise InvalidInput(f"A title has 1 to {LONGEST_TITLE} characters; this one has {len(title)}.")
        await self._change(voice, {"title": title})

    async def set_category(self, voice: Voice, name: str) -> Category:
        """Say what it is about; `name` in any case. InvalidInput suggests a category that is called nearly so."""
        name = " ".join(name.split())
        if not name or len(name) > _LONGEST_NAME:
            raise InvalidInput("Name a category, such as Just Chatting.")
        category = await self._category(name)
        await self._change(voice, {"game_id": category.id})
        return category

    async def clip(self, voice: Voice, title: str = "") -> str:
        """The address of a clip of the last half minute. Raises NotFound while nothing is streamed."""
        about = {"broadcaster_id": voice.broadcaster_id, **({"title": title[:LONGEST_TITLE]} if title else {})}
        answer = await self._calls.make(CLIP, voice, "POST", params=about)
        if answer.status_code == _NOT_FOUND:
            raise NotFound(_NO_STREAM)
        if answer.status_code >= _BAD:
            raise refused(answer)
        return f"https://clips.twitch.tv/{data_of(answer)[0]['id']}"

    async def mark(self, voice: Voice, text: str = "") -> int:
        """Put a marker; at which second of the stream it stands. Raises NotFound while nothing is recorded."""
        about = {"user_id": voice.broadcaster_id, **({"description": text[:LONGEST_TITLE]} if text else {})}
        answer = await self._calls.make(MARK, voice, "POST", json=about)
        if answer.status_code == _NOT_FOUND:
            raise NotFound("No stream to mark, or Twitch does not record it.")
        if answer.status_code >= _BAD:
            raise refused(answer)
        return int(data_of(answer)[0]["position_seconds"])

    async def _change(self, voice: Voice, what: dict[str, Any]) -> None:
        answer = await self._calls.make(
            CHANGE, voice, "PATCH", params={"broadcaster_id": voice.broadcaster_id}, json=what
        )
        if answer.status_code >= _BAD:
            raise refused(answer)

    async def _category(self, name: str) -> Category:
        exact = await self._named("/games", {"name": name})
        if exact:
            return exact[0]
        near = await self._named("/search/categories", {"query": name, "first": "20"})
        names = {one.name.casefold(): one for one in near}
        if found := names.get(name.casefold()):
            return found
        alike = get_close_matches(name.casefold(), names, n=1, cutoff=0.0)
        hint = f" Did you mean {names[alike[0]].name}?" if alike else ""
        raise InvalidInput(f"No category like «{name}».{hint}")

    async def _named(self, path: str, asked: dict[str, str]) -> list[Category]:
        found = data_of(await self._helix.call("GET", path, ANYBODY, params=asked))
        return [Category(str(one["id"]), str(one["name"])) for one in found]
