"""Calls in somebody's name: with the application's token where Twitch takes it, else with the account's."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

import httpx

from flask_core.delivering import Refusal
from flask_core.errors import Forbidden, UpstreamFailed
from twitch_module_flask.doing.rights import Right, lacking
from twitch_module_flask.helix import APPLICATION, Helix
from twitch_module_flask.voices import Voice

_REFUSED = frozenset({401, 403})
_READ = (400, 401, 403, 404, 409, 422, 425)
_SERVER_ERROR = 500
_PAUSES = (0.5, 1.0)
_REMEMBERED, _MOST_REMEMBERED = 3_600.0, 10_000
_MOST_SAID = 200


class Calls:
    """Where only the account's token sufficed, it is taken at once for an hour."""

    def __init__(
        self,
        helix: Helix,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Any] = asyncio.sleep,
    ) -> None:
        self._helix = helix
        self._clock = clock
        self._sleep = sleep
        self._accounts_own: dict[tuple[str, str], float] = {}

    async def make(self, right: Right, voice: Voice, method: str, **parts: Any) -> httpx.Response:
        """Twitch's answer below 500, whatever it says but 401 and 403.

        Raises Lacking where a right is missing, Refusal where Twitch still says no, TooMany with the seconds that it
        asks for, UpstreamFailed after three tries, and UnknownOutcome.
        """
        account = voice.bot_id if right.who == "bot" else voice.broadcaster_id
        if right.scope not in (voice.bot_scopes if right.who == "bot" else voice.streamer_scopes):
            raise lacking(right)
        refused: httpx.Response | None = None
        for by in self._order(right, account):
            answer = await self.patiently(by, method, right.path, purpose=right.purpose, **parts)
            if answer.status_code not in _REFUSED:
                if refused is not None:
                    self.remember(right, account)
                return answer
            refused = answer
        if refused is None or "scope" in said_by(refused).lower():
            raise lacking(right)
        raise Refusal(_why(right, voice), status=refused.status_code)

    async def patiently(self, by: str, method: str, path: str, **parts: Any) -> httpx.Response:
        """Ask three times while Twitch has trouble of its own."""
        for pause in (*_PAUSES, None):
            try:
                return await self._helix.call(method, path, by, expects=_READ, **parts)
            except UpstreamFailed as error:
                if pause is None or error.details.get("status", 0) < _SERVER_ERROR:
                    raise
                await self._sleep(pause)
        raise AssertionError("the last try returns or raises")

    def application_first(self, right: Right, account: str) -> bool:
        """Whether the application's token is worth a try."""
        known = self._accounts_own.get((right.path, account), 0.0) > self._clock()
        return right.application and self._helix.application.possible and not known

    def _order(self, right: Right, account: str) -> tuple[str, ...]:
        return (APPLICATION, account) if self.application_first(right, account) else (account,)

    def remember(self, right: Right, account: str) -> None:
        """The application's token did not suffice, and the account's did."""
        if len(self._accounts_own) >= _MOST_REMEMBERED:
            self._accounts_own.clear()
        self._accounts_own[right.path, account] = self._clock() + _REMEMBERED

    def forget(self) -> None:
        """Somebody granted something: the application's token may suffice now."""
        self._accounts_own.clear()


def said_by(answer: httpx.Response) -> str:
    """Twitch's own sentence, at most 200 characters; "" without one."""
    try:
        said = answer.json().get("message", "")
    except (ValueError, AttributeError):
        return ""
    return str(said)[:_MOST_SAID]


def refused(answer: httpx.Response) -> Forbidden:
    """What to raise for an answer that nobody expected."""
    said = said_by(answer)
    return Refusal(f"Twitch refused this: {said}" if said else f"Twitch refused this ({answer.status_code}).")


def _why(right: Right, voice: Voice) -> str:
    if right.who == "bot" and not voice.moderates:
        return f"The bot is no moderator there: type /mod {voice.bot_login} in the channel's chat."
    return f"Twitch does not let us do that: connect the account again in the portal and allow {right.scope}."
