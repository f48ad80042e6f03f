"""Twitch's API: each call with the token that it needs, renewed once when Twitch refuses it."""

from __future__ import annotations

import time
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import httpx
import msgspec

from flask_core.contracts.twitch import UserFacts
from flask_core.errors import Forbidden, NotFound, TooMany, UpstreamFailed
from flask_core.http_client import HttpClient
from flask_core.http_failures import UNSAID_PAUSE
from twitch_module_flask.points import Points
from twitch_module_flask.tokens import AccountTokens, ApplicationToken

_NAME = "Twitch"
_UNAUTHORIZED, _FORBIDDEN, _BAD, _CONFLICT, _TOO_MANY = 401, 403, 400, 409, 429
_LONGEST_PAUSE = 60.0
_MOST_PAGES = 200
APPLICATION, ANYBODY = "", "*"
"""Whose token a call takes besides an account's: the application's, or whichever there is."""


class SentLine(msgspec.Struct, frozen=True):
    """What became of a chat line; `code` is Twitch's word for why it was not sent."""

    message_id: str
    sent: bool
    code: str = ""


@dataclass(frozen=True, slots=True)
class Helix:
    """Callers name the account whose token it takes, or APPLICATION, or ANYBODY."""

    http: HttpClient
    url: str
    client_id: str
    application: ApplicationToken
    accounts: AccountTokens
    points: Points = field(default_factory=Points)

    async def say(self, line: dict[str, Any], *, by: str = APPLICATION) -> SentLine:
        """Say one line. Raises Forbidden where the token does not suffice, UpstreamFailed for another refusal."""
        answer = await self.call("POST", "/chat/messages", by, json=line)
        said = data_of(answer)[0]
        reason = said.get("drop_reason") or {}
        return SentLine(said.get("message_id", ""), bool(said.get("is_sent")), str(reason.get("code", "")))

    async def user(self, *, login: str = "", user_id: str = "") -> UserFacts:
        """A user; raises NotFound."""
        wanted = {"login": login} if login else {"id": user_id}
        found = data_of(await self.call("GET", "/users", ANYBODY, params=wanted))
        if not found:
            raise NotFound("Twitch knows no such user.")
        user = found[0]
        return UserFacts(
            id=user["id"],
            login=user["login"],
            display_name=user.get("display_name", ""),
            created_at=datetime.fromisoformat(user["created_at"]),
            avatar_url=user.get("profile_image_url", ""),
            description=user.get("description", ""),
            broadcaster_type=user.get("broadcaster_type", ""),
        )

    async def moderates(self, broadcaster_id: str, user_id: str) -> bool:
        """Whether an account moderates a channel."""
        asked = {"broadcaster_id": broadcaster_id, "user_id": user_id}
        return bool(data_of(await self.call("GET", "/moderation/moderators", broadcaster_id, params=asked)))

    async def moderated_by(self, user_id: str) -> frozenset[str]:
        """The ids of all channels that an account moderates, over all pages; by its own token."""
        asked, found = {"user_id": user_id, "first": "100"}, set[str]()
        for _ in range(_MOST_PAGES):
            answer = await self.call("GET", "/moderation/channels", user_id, params=asked)
            found |= {str(one["broadcaster_id"]) for one in data_of(answer)}
            cursor = (answer.json().get("pagination") or {}).get("cursor") if answer.status_code < _BAD else None
            if not cursor:
                break
            asked["after"] = cursor
        return frozenset(found)

    async def call(
        self, method: str, path: str, by: str, *, purpose: str = "", expects: Collection[int] = (), **parts: Any
    ) -> httpx.Response:
        """Ask Twitch; 404 and 409 are returned. Calls with another `purpose` never make the others wait.

        Raises TooMany with the seconds after which Twitch takes more.
        """
        refused = ""
        for _ in range(2):
            token = await self._token(by, refused)
            headers = {"Authorization": f"Bearer {token}", "Client-Id": self.client_id}
            credential = f"twitch:{by or 'application'}{purpose}"
            answer = await self.http.request(
                method, self.url + path, headers=headers, credential=credential,
                name=_NAME, expects=(_TOO_MANY, 500, 502, 503, 504, *expects), **parts,
            )  # fmt: skip
            if by == APPLICATION:
                self.points.saw(answer.headers)
            if answer.status_code != _UNAUTHORIZED:
                break
            refused = token
        if answer.status_code == _TOO_MANY and _TOO_MANY not in expects:
            raise await self._too_many(answer, credential)
        return answer if answer.status_code in expects else _judged(answer)

    async def _too_many(self, answer: httpx.Response, credential: str) -> TooMany:
        """Twitch says when its counter is full again; until then nobody asks with this credential."""
        try:
            wait = float(answer.headers["ratelimit-reset"]) - time.time()
        except (KeyError, ValueError):
            wait = UNSAID_PAUSE
        wait = min(max(wait, 1.0), _LONGEST_PAUSE)
        await self.http.pause(credential, wait)
        return TooMany("Twitch is asked too often.", retry_after=wait)

    async def _token(self, by: str, refused: str) -> str:
        if by == APPLICATION or (by == ANYBODY and self.application.possible):
            return await self.application.get(not_this=refused)
        if by == ANYBODY:
            return await self.accounts.anybodys()
        return await self.accounts.get(by, not_this=refused)


def _judged(answer: httpx.Response) -> httpx.Response:
    status = answer.status_code
    if status in {_UNAUTHORIZED, _FORBIDDEN}:
        raise Forbidden("Twitch does not let us do that: connect the account again in the portal.", status=status)
    if status >= _BAD and status not in {404, _CONFLICT}:
        raise UpstreamFailed(f"Twitch refused this ({status}).", status=status)
    return answer


def data_of(answer: httpx.Response) -> list[dict[str, Any]]:
    """The list in an answer; nothing where nothing was found."""
    if answer.status_code == 404:
        return []
    try:
        data = answer.json()["data"]
    except (ValueError, KeyError, TypeError) as error:
        raise UpstreamFailed("Twitch answered something that cannot be read.") from error
    return list(data)
