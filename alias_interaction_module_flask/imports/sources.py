"""The two APIs that are read: what to ask next, and what was answered so far, as the translators want it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlencode

import httpx
import msgspec

from flask_core.errors import InvalidInput, NotFound, Unauthenticated, UpstreamFailed
from flask_core.http_client import HttpClient

_PER_PAGE, _MOST_PAGES = 100, 50
_NAME = re.compile(r"[A-Za-z0-9_]{1,50}", re.ASCII)
_JWT = re.compile(r"[A-Za-z0-9_=-]+\.[A-Za-z0-9_=-]+\.[A-Za-z0-9_=-]+", re.ASCII)
_LONGEST_TOKEN = 4_096

type Pages = Sequence[tuple[str, int, str, bool]]


@dataclass(frozen=True, slots=True)
class Wanted:
    """The next thing to ask for; `lists` is the name of the list of a part that comes in pages."""

    part: str
    page: int
    path: str
    lists: str = ""
    may_lack: bool = False


class Source(Protocol):
    """A bot whose things can be fetched. `pause` are seconds between two questions."""

    name: str
    pause: float

    def wanted(self, pages: Pages, channel: str, *, token: bool) -> Wanted | None:
        """What to ask next, None when everything is there."""
        ...

    def refused(self) -> str:
        """What to tell whose token does not hold."""
        ...


class Nightbot:
    """Everything of the channel that the token is for."""

    name = "Nightbot"
    pause = 1.0
    _PARTS = (
        ("commands", "/1/commands", ""), ("default", "/1/commands/default", ""), ("timers", "/1/timers", ""),
        ("spam", "/1/spam_protection", ""), ("regulars", "/1/regulars", "regulars"),
        ("song_settings", "/1/song_requests", ""), ("songs", "/1/song_requests/playlist", "playlist"),
    )  # fmt: skip

    def wanted(self, pages: Pages, channel: str, *, token: bool) -> Wanted | None:
        """Part after part, page after page."""
        for part, path, lists in self._PARTS:
            of_part = [page for page in pages if page[0] == part]
            if of_part and (of_part[-1][3] or len(of_part) >= _MOST_PAGES):
                continue
            number = len(of_part)
            query = f"?{urlencode({'limit': _PER_PAGE, 'offset': number * _PER_PAGE})}" if lists else ""
            return Wanted(part, number, path + query, lists)
        return None

    def refused(self) -> str:
        """The tokens are gone, or were for less."""
        return "Nightbot does not take this connection any more. Connect it again."


class StreamElements:
    """What everybody may see with a channel's name; everything with its token."""

    name = "StreamElements"
    pause = 0.2
    _PARTS = (
        ("commands", "commands/{id}", False), ("default", "commands/{id}/default", False),
        ("timers", "timers/{id}", False), ("filters", "filters/{id}", False), ("counters", "{id}/counters", True),
    )  # fmt: skip

    def wanted(self, pages: Pages, channel: str, *, token: bool) -> Wanted | None:
        """The channel's id first."""
        known = {part: answer for part, _, answer, _ in pages}
        if "channel" not in known:
            return Wanted("channel", 0, f"/kappa/v2/channels/{'me' if token else channel}")
        number = str(_decoded(known["channel"]).get("_id", ""))
        if not _NAME.fullmatch(number):
            raise UpstreamFailed("StreamElements does not tell which channel this is.")
        parts = self._PARTS if token else (("commands", "commands/{id}/public", False),)
        for part, path, may_lack in parts:
            if part not in known:
                return Wanted(part, 0, f"/kappa/v2/bot/{path.format(id=number)}", may_lack=may_lack)
        return None

    def refused(self) -> str:
        """The page where it is copied makes a new one."""
        return "StreamElements does not take this token. Copy the token again, it expires."


async def asked(http: HttpClient, url: str, source: Source, wanted: Wanted, token: str, credential: str) -> str:
    """The answer's JSON. Raises Unauthenticated, NotFound, UpstreamFailed, TooMany."""
    headers = {"Accept": "application/json", **({"Authorization": f"Bearer {token}"} if token else {})}
    response = await http.request("GET", url + wanted.path, headers=headers, credential=credential, name=source.name)
    if response.status_code in (401, 403):
        raise Unauthenticated(source.refused())
    if response.status_code == 404:
        if wanted.may_lack:
            return "[]"
        raise NotFound(f"{source.name} knows no such channel. Is the name right?")
    if not response.is_success:
        raise UpstreamFailed(f"{source.name} answers with {response.status_code}.")
    return _checked(response, source.name)


def _checked(response: httpx.Response, name: str) -> str:
    try:
        msgspec.json.decode(response.content)
    except (msgspec.MsgspecError, RecursionError):
        raise UpstreamFailed(f"{name} answers something that cannot be read.") from None
    return response.content.decode("utf-8", "replace")


def is_last(wanted: Wanted, answer: str) -> bool:
    """Whether the part has no further page."""
    if not wanted.lists:
        return True
    found = _decoded(answer).get(wanted.lists)
    return not isinstance(found, list) or len(found) < _PER_PAGE


def collected(pages: Pages) -> dict[str, Any]:
    """All answers by part; the lists of pages are put together."""
    fetched: dict[str, Any] = {}
    for part, _, answer, _ in pages:
        value = msgspec.json.decode(answer)
        before = fetched.get(part)
        if isinstance(before, dict) and isinstance(value, dict):
            lists = {key: [*before.get(key, []), *more] for key, more in value.items() if isinstance(more, list)}
            value = {**value, **lists}
        fetched[part] = value
    return fetched


def checked_channel(name: str) -> str:
    """A channel's name as it can stand in an address; raises InvalidInput."""
    plain = name.strip().removeprefix("@").lower()
    if not _NAME.fullmatch(plain):
        raise InvalidInput("Write the name of the channel, as in its address.", field="channel")
    return plain


def checked_token(token: str) -> str:
    """A token in the shape that StreamElements shows; raises InvalidInput."""
    plain = token.strip()
    if len(plain) > _LONGEST_TOKEN or not _JWT.fullmatch(plain):
        raise InvalidInput("This is no JWT token. It has three parts with points between them.", field="token")
    return plain


def _decoded(answer: str) -> dict[str, Any]:
    value = msgspec.json.decode(answer)
    return value if isinstance(value, dict) else {}
