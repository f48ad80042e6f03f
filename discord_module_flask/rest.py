"""Discord's REST: one door, within Discord's limits, refusals as errors of the family."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import discord
from discord.http import HTTPClient, Route

from flask_core.errors import (
    Forbidden,
    InvalidInput,
    NotFound,
    ServiceError,
    TooMany,
    Unauthenticated,
    Unavailable,
    UnknownOutcome,
    UpstreamFailed,
)
from flask_core.shared_state import SharedState

SECONDS = 8.0
"""Longer than this nobody waits for Discord's limits: the router tries again."""
WINDOW_SECONDS, MOST_INVALID = 600.0, 5_000
_INVALID = frozenset({401, 403, 429})
_COUNTER = "discord:invalid"
_SERVER_ERROR = 500


class Rest:
    """Discord's library keeps the budgets of routes; what Discord refuses is counted over all replicas."""

    def __init__(self, shared: SharedState, token: str, api_url: str) -> None:
        self._shared = shared
        self._token = token
        self._api_url = api_url
        self._http: HTTPClient | None = None
        self._me: dict[str, Any] = {}
        self._opening = asyncio.Lock()

    async def http(self) -> HTTPClient:
        """The library's client, signed in. Raises Unauthenticated for a token that Discord does not know."""
        async with self._opening:
            if self._http is None:
                Route.BASE = self._api_url
                trace = aiohttp.TraceConfig()
                trace.on_request_end.append(self._count)
                http = HTTPClient(asyncio.get_running_loop(), http_trace=trace, max_ratelimit_timeout=30)
                try:
                    self._me = dict(await http.static_login(self._token))
                except discord.LoginFailure as refused:
                    await http.close()
                    raise Unauthenticated("Discord does not know this bot token.") from refused
                except (discord.HTTPException, aiohttp.ClientError, OSError) as away:
                    await http.close()
                    raise Unavailable("Discord does not answer right now.", retry_after=5) from away
                self._http = http
        return self._http

    async def me(self) -> str:
        """The bot's user id."""
        await self.http()
        return str(self._me["id"])

    async def call(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        reason: str = "",
        urgent: bool = False,
        seconds: float = SECONDS,
        form: list[dict[str, Any]] | None = None,
        **ids: str,
    ) -> Any:
        """Ask Discord. Raises Forbidden, NotFound, InvalidInput (Discord's number is `details["code"]`), TooMany,
        UpstreamFailed, and UnknownOutcome when something was sent and no answer came.
        """
        http = await self.http()
        if not urgent and int(await self._shared.get(_COUNTER) or 0) >= MOST_INVALID:
            raise TooMany("Discord refused too much lately; only moderation goes out.", retry_after=60)
        given = {"json": json} if json is not None else {}
        try:
            async with asyncio.timeout(seconds):
                return await http.request(Route(method, path, **ids), reason=reason or None, form=form, **given)
        except discord.RateLimited as limited:
            raise TooMany("Discord lets the bot do that again later.", retry_after=limited.retry_after) from limited
        except TimeoutError as late:
            raise TooMany("Discord holds this back right now.", retry_after=2) from late
        except discord.HTTPException as refused:
            raise _refusal(refused) from refused
        except (aiohttp.ClientError, OSError) as away:
            raise UnknownOutcome("Discord did not answer.") from away

    async def _count(self, _: Any, __: Any, ended: aiohttp.TraceRequestEndParams) -> None:
        shared_limit = ended.response.headers.get("X-RateLimit-Scope") == "shared"
        if ended.response.status in _INVALID and not shared_limit:
            await self._shared.increment(_COUNTER, WINDOW_SECONDS)

    async def refused_lately(self) -> int:
        """How many refusals Discord counts against us now."""
        return int(await self._shared.get(_COUNTER) or 0)

    async def close(self) -> None:
        """End its connections."""
        if self._http is not None:
            await self._http.close()


def _refusal(refused: discord.HTTPException) -> ServiceError:
    sentence = f"Discord refused it: {refused.text or refused.status}."
    kinds: dict[int, type[ServiceError]] = {401: Unauthenticated, 403: Forbidden, 404: NotFound, 429: TooMany}
    if refused.status >= _SERVER_ERROR:
        return UpstreamFailed("Discord fails right now.", status=refused.status)
    return kinds.get(refused.status, InvalidInput)(sentence, code=refused.code)
