"""Twitch's API: each call with the token that it needs, renewed once when Twitch refuses it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx
import msgspec

from flask_core.contracts.twitch import UserFacts
from flask_core.errors import Forbidden, NotFound, UpstreamFailed
from flask_core.http_client import HttpClient
from twitch_module_flask.tokens import AccountTokens, ApplicationToken

_NAME = "Twitch"
_UNAUTHORIZED, _FORBIDDEN, _BAD, _CONFLICT = 401, 403, 400, 409
APPLICATION = ""


class SentLine(msgspec.Struct, frozen=True):
    """What became of a chat line; `code` is Twitch's word for why it was not sent."""

    message_id: str
    sent: bool
    code: str = ""


@dataclass(frozen=True, slots=True)
class Helix:
    """Callers name the account whose token it takes, or APPLICATION."""

    http: HttpClient
    url: str
    client_id: str
    application: ApplicationToken
    accounts: AccountTokens

    async def say(self, line: dict[str, Any], *, by: str = APPLICATION) -> SentLine:
        """Say one line. Raises Forbidden where the token does not suffice, UpstreamFailed for another refusal."""
        answer = await self._call("POST", "/chat/messages", by, json=line)
        said = _data(answer)[0]
        reason = said.get("drop_reason") or {}
        return SentLine(said.get("message_id", ""), bool(said.get("is_sent")), str(reason.get("code", "")))

    async def user(self, *, login: str = "", user_id: str = "") -> UserFacts:
        """A user; raises NotFound."""
        wanted = {"login": login} if login else {"id": user_id}
        found = _data(await self._call("GET", "/users", APPLICATION, params=wanted))
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
        return bool(_data(await self._call("GET", "/moderation/moderators", broadcaster_id, params=asked)))

    async def subscribe(self, subscription: dict[str, Any]) -> str:
        """Ask to be told something; the id of the subscription. One that exists already is found again."""
        answer = await self._call("POST", "/eventsub/subscriptions", APPLICATION, json=subscription)
        if answer.status_code == _CONFLICT:
            raise UpstreamFailed("Twitch tells us this already.", status=_CONFLICT)
        return str(_data(answer)[0]["id"])

    async def subscriptions(self) -> list[dict[str, Any]]:
        """Everything that Twitch tells this application, over all pages."""
        found: list[dict[str, Any]] = []
        cursor = ""
        while True:
            params = {"after": cursor} if cursor else {}
            answer = await self._call("GET", "/eventsub/subscriptions", APPLICATION, params=params)
            found += _data(answer)
            cursor = answer.json().get("pagination", {}).get("cursor", "")
            if not cursor:
                return found

    async def unsubscribe(self, subscription_id: str) -> None:
        """Be told no more; one that is gone already is no error."""
        await self._call("DELETE", "/eventsub/subscriptions", APPLICATION, params={"id": subscription_id})

    async def _call(self, method: str, path: str, by: str, **parts: Any) -> httpx.Response:
        refused = ""
        for _ in range(2):
            token = await self._token(by, refused)
            headers = {"Authorization": f"Bearer {token}", "Client-Id": self.client_id}
            answer = await self.http.request(
                method, self.url + path, headers=headers, credential=f"twitch:{by or 'application'}", name=_NAME,
                expects=(500, 502, 503, 504), **parts,
            )  # fmt: skip
            if answer.status_code != _UNAUTHORIZED:
                break
            refused = token
        return _judged(answer)

    async def _token(self, by: str, refused: str) -> str:
        if by == APPLICATION:
            return await self.application.get(not_this=refused)
        return await self.accounts.get(by, not_this=refused)


def _judged(answer: httpx.Response) -> httpx.Response:
    status = answer.status_code
    if status in {_UNAUTHORIZED, _FORBIDDEN}:
        raise Forbidden("Twitch does not let us do that: connect the account again in the portal.", status=status)
    if status >= _BAD and status not in {404, _CONFLICT}:
        raise UpstreamFailed(f"Twitch refused this ({status}).", status=status)
    return answer


def _data(answer: httpx.Response) -> list[dict[str, Any]]:
    if answer.status_code == 404:
        return []
    try:
        data = answer.json()["data"]
    except (ValueError, KeyError, TypeError) as error:
        raise UpstreamFailed("Twitch answered something that cannot be read.") from error
    return list(data)
