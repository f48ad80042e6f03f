"""Addresses at which the program behind a fetched URL may answer later: for one execution, briefly, seldom."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
import unicodedata
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from alias_interaction_module_flask.fetching.reading import one_line
from alias_interaction_module_flask.fetching.response_repository import ResponseRepository, Use
from flask_core.auth import utc_now
from flask_core.contracts import router
from flask_core.datamodels import Chat, Origin
from flask_core.errors import Gone, InvalidInput, ServiceError, TooMany, UnknownOutcome

PATH = "/api/v1/responses/"
LASTS = timedelta(minutes=15)
USES = 3
APART = timedelta(seconds=5)
LONGEST = 400
_LENGTH = 43
_SWEPT_EVERY = 300.0


class Responses:
    """`say` hands a request to the router; whoever knows an address may say three lines through it."""

    def __init__(
        self,
        repository: ResponseRepository,
        say: Callable[[router.ActionsRequest], Awaitable[object]],
        *,
        public_url: str,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._repository = repository
        self._say = say
        self._public_url = public_url
        self._now = now

    async def open(self, community_id: int, execution_id: str, channel: str) -> str:
        """A new address, to be asked for once per execution; "" when nobody outside could reach it."""
        if not self._public_url:
            return ""
        token, now = secrets.token_urlsafe(32), self._now()
        use = Use(community_id, execution_id, channel, USES)
        await self._repository.open(_hashed(token), use, now=now, expires_at=now + LASTS)
        return f"{self._public_url}{PATH}{token}"

    async def take(self, token: str, message: str) -> int:
        """Say `message` where the execution was; returns how many uses are left.

        Raises InvalidInput, Gone for an address that is over or none of ours, TooMany when asked again too soon.
        """
        text = unicodedata.normalize("NFC", one_line(message))
        if not text or len(text) > LONGEST:
            raise InvalidInput(f"Send a message of 1 to {LONGEST} characters.", field="message")
        hashed, now = _hashed(token), self._now()
        ours = len(token) == _LENGTH and token.isascii()
        use = await self._repository.take(hashed, now=now, next_at=now + APART) if ours else None
        if use is None:
            raise Gone("This address was used up or is over.")
        if not isinstance(use, Use):
            wait = max(1.0, (use - now).total_seconds())
            raise TooMany(f"One message every {APART.seconds} seconds.", retry_after=wait)
        try:
            await self._say(_request(hashed, use, text))
        except ServiceError as error:
            # What may have been said was said: another message under its key would be taken for the same one.
            if not isinstance(error, UnknownOutcome):
                await self._repository.give_back(hashed, now=now)
            raise
        return use.left

    async def forget_old(self) -> None:
        """For ever: forget addresses that are over."""
        while True:
            await self._repository.forget(self._now())
            await asyncio.sleep(_SWEPT_EVERY)


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def _request(hashed: str, use: Use, text: str) -> router.ActionsRequest:
    return router.ActionsRequest(
        use.community_id,
        router.Target(channel=use.channel),
        f"alias-response:{hashed[:32]}:{use.left}",
        (Chat(text, reply=False, origin=Origin.EXTERNAL),),
    )
