"""Fetches page by page, each kept as it comes, so that whoever goes on begins where the other stopped."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from alias_interaction_module_flask.imports.connecting import Connecting
from alias_interaction_module_flask.imports.import_repository import ImportRepository
from alias_interaction_module_flask.imports.models import Import, Source
from alias_interaction_module_flask.imports.secret_repository import SecretRepository
from alias_interaction_module_flask.imports.sources import Nightbot, StreamElements, asked, collected, is_last
from alias_interaction_module_flask.imports.sources import Source as Bot
from flask_core.errors import Forbidden, Unauthenticated
from flask_core.http_client import HttpClient

_AT_ONCE = 20
_BOTS: Mapping[str, Bot] = {"nightbot": Nightbot(), "streamelements": StreamElements()}


@dataclass(frozen=True, slots=True)
class Fetching:
    """`urls` are where the bots' APIs are; `pause` is a factor of the time between two questions."""

    imports: ImportRepository
    secrets: SecretRepository
    connecting: Connecting
    http: HttpClient
    urls: Mapping[str, str]
    now: Callable[[], Any]
    pause: float = 1.0
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep

    async def fetch(self, one: Import) -> bool:
        """Fetch some pages; True when everything is there. A token that does not hold is a Forbidden: asking again
        would not help."""
        if one.source == "file":
            return True
        bot, token = _BOTS[one.source], await self._token(one)
        for _ in range(_AT_ONCE):
            wanted = bot.wanted(await self.imports.pages(one.id), one.channel, token=bool(token))
            if wanted is None:
                return True
            try:
                credential = f"{one.source}:{one.community_id}"
                answer = await asked(self.http, self.urls[one.source], bot, wanted, token, credential)
            except Unauthenticated as error:
                raise Forbidden(error.message) from None
            await self.imports.keep_page(one.id, wanted.part, wanted.page, answer, last=is_last(wanted, answer))
            await self.sleep(bot.pause * self.pause)
        return False

    async def fetched(self, one: Import) -> tuple[Source, dict[str, Any]]:
        """Whose things they are, and all of them."""
        pages = await self.imports.pages(one.id)
        if one.source == "file":
            (part, _, answer, _) = pages[0]
            return msgspec.convert(part, Source), msgspec.json.decode(answer)
        return one.source, collected(pages)

    async def _token(self, one: Import) -> str:
        if one.source == "nightbot":
            token = await self.connecting.token(one.community_id)
            if not token:
                raise Forbidden(_BOTS["nightbot"].refused())
            return token
        return await self.secrets.get(one.community_id, one.source, self.now())
