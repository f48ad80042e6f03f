"""Slack's Web API: one call, its limits obeyed by all replicas, its words made errors of the family."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from flask_core.errors import (
    Forbidden,
    InvalidInput,
    NotFound,
    ServiceError,
    TooMany,
    Unauthenticated,
    UnknownOutcome,
    UpstreamFailed,
)
from flask_core.shared_state import SharedState

log = logging.getLogger(__name__)

SECONDS = 8.0
_UNSAID_PAUSE = 30.0
_SERVER_ERROR = 500
_TOO_MANY = 429
SIGNED_OUT = frozenset({"invalid_auth", "account_inactive", "token_revoked", "token_expired", "not_authed"})
_WORDS: dict[str, tuple[type[ServiceError], str]] = {
    **dict.fromkeys(SIGNED_OUT, (Unauthenticated, "Slack does not take the bot's sign-in any more.")),
    "not_in_channel": (Forbidden, "The bot is not in that channel. Write /invite @WaddleBot there."),
    "channel_not_found": (NotFound, "Slack knows no such channel, or the bot may not see it."),
    "is_archived": (Forbidden, "That channel is archived."),
    "user_not_found": (NotFound, "Slack knows no such user."),
    "user_not_in_channel": (NotFound, "That user is not in the channel."),
    "missing_scope": (Forbidden, "The bot lacks a right. Install the app again from the manifest."),
    "restricted_action": (Forbidden, "The workspace does not let the bot do that."),
    "cant_delete_message": (Forbidden, "Slack lets the bot delete its own messages only."),
    "message_not_found": (NotFound, "That message is gone."),
    "msg_too_long": (InvalidInput, "That is too long for Slack."),
    "expired_trigger_id": (Forbidden, "That took too long for Slack. Press the button again."),
    "exchanged_trigger_id": (Forbidden, "That was opened already. Press the button again."),
    "no_such_subteam": (NotFound, "There is no such user group."),
    "subteam_not_found": (NotFound, "There is no such user group."),
    **dict.fromkeys(
        ("paid_teams_only", "plan_upgrade_required"), (Forbidden, "User groups need a paid plan of Slack.")
    ),
    "permission_denied": (Forbidden, "The workspace does not let the bot do that."),
    "invalid_users": (NotFound, "Slack knows no such user."),
}


class WebApi:
    """`call` answers what Slack answers. A method that has to wait waits in this workspace only.

    Raises Unauthenticated, Forbidden, NotFound, TooMany with the seconds to wait, UpstreamFailed, and UnknownOutcome
    when a request was sent and no answer came. `details["word"]` is Slack's own.
    """

    def __init__(self, url: str, shared: SharedState, now: Callable[[], float] = time.time) -> None:
        self._url = url
        self._shared = shared
        self._now = now
        self._session: aiohttp.ClientSession | None = None

    async def call(self, token: str, method: str, *, of: str = "", **fields: Any) -> dict[str, Any]:
        """Call a method with a token; `of` is the workspace that Slack counts by."""
        return (await self._answer(token, method, of, fields))[0]

    async def identify(self, token: str) -> tuple[dict[str, Any], tuple[str, ...]]:
        """Whose token it is, and the rights it has."""
        said, headers = await self._answer(token, "auth.test", "", {})
        granted = next((value for name, value in headers.items() if name.lower() == "x-oauth-scopes"), "")
        return said, tuple(scope.strip() for scope in granted.split(",") if scope.strip())

    async def _answer(
        self, token: str, method: str, of: str, fields: dict[str, Any]
    ) -> tuple[dict[str, Any], dict[str, str]]:
        await self._obey(of, method)
        as_json = method.startswith(("chat.", "views."))
        parts: dict[str, Any] = {"json": fields} if as_json else {"params": fields}
        try:
            # A client on a shared session has no limit of its own.
            async with asyncio.timeout(SECONDS):
                answer = await self._client(token).api_call(method, **parts)
        except SlackApiError as refused:
            raise await self._refusal(of, method, refused) from refused
        except (TimeoutError, aiohttp.ClientConnectionError) as away:
            if isinstance(away, aiohttp.ClientConnectorError):
                raise UpstreamFailed("Slack cannot be reached right now.") from away
            raise UnknownOutcome("Slack did not answer in time.") from away
        except (SlackClientError, aiohttp.ClientError) as broken:
            raise UpstreamFailed("Slack answered with something else than an answer.") from broken
        return dict(answer.data) if isinstance(answer.data, dict) else {}, dict(answer.headers)

    async def respond(self, url: str, body: dict[str, Any]) -> None:
        """Use a `response_url`. Raises NotFound for one that is over."""
        await self._posted(url, json=body)

    async def upload(self, url: str, content: bytes) -> None:
        """Send a file where Slack wants it."""
        await self._posted(url, data=content)

    async def _posted(self, url: str, **body: Any) -> None:
        try:
            async with self._open().post(url, timeout=aiohttp.ClientTimeout(SECONDS), **body) as answer:
                if answer.status >= _SERVER_ERROR:
                    raise UpstreamFailed("Slack did not take the answer.", status=answer.status)
                if not answer.ok:
                    raise NotFound("Slack takes no more answers here.")
        except aiohttp.ClientConnectorError as away:
            raise UpstreamFailed("Slack cannot be reached right now.") from away
        except (TimeoutError, aiohttp.ClientError) as away:
            raise UnknownOutcome("Slack did not answer in time.") from away

    async def socket(self, app_token: str) -> aiohttp.ClientWebSocketResponse:
        """A new Socket Mode connection."""
        opened = await self.call(app_token, "apps.connections.open")
        try:
            async with asyncio.timeout(SECONDS):
                return await self._open().ws_connect(str(opened["url"]), heartbeat=20, max_msg_size=1024 * 1024)
        except (TimeoutError, aiohttp.ClientError, KeyError) as away:
            raise UpstreamFailed("Slack opens no connection right now.") from away

    async def close(self) -> None:
        """End all connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession()
        return self._session

    def _client(self, token: str) -> AsyncWebClient:
        # Its own handler repeats a request after a lost connection, which may say a line twice.
        return AsyncWebClient(
            token or None, base_url=self._url, timeout=int(SECONDS), session=self._open(), retry_handlers=[],
            user_agent_prefix="WaddleBot",
        )  # fmt: skip

    async def held(self, of: str, method: str) -> float:
        """Seconds for which a method has to wait in a workspace; 0 for not at all."""
        until = await self._shared.get(_pause(of, method))
        return 0.0 if until is None else max(0.1, float(until) - self._now())

    async def _obey(self, of: str, method: str) -> None:
        if wait := await self.held(of, method):
            raise TooMany("Slack asks us to wait.", retry_after=wait)

    async def _refusal(self, of: str, method: str, refused: SlackApiError) -> ServiceError:
        answer = refused.response
        status, said = int(answer.status_code), answer.data if isinstance(answer.data, dict) else {}
        word = str(said.get("error", ""))
        if status == _TOO_MANY or word in {"ratelimited", "rate_limited"}:
            wait = _seconds(answer.headers)
            log.warning("slack asks us to wait", extra={"method": method, "seconds": wait, "team": of})
            await self._shared.set(_pause(of, method), b"%f" % (self._now() + wait), wait)
            return TooMany("Slack asks us to wait.", retry_after=wait, word=word)
        if status >= _SERVER_ERROR:
            return UpstreamFailed("Slack is not well.", status=status)
        kind, sentence = _WORDS.get(word, (UpstreamFailed, "Slack refused it."))
        log.info("slack refuses", extra={"method": method, "word": word, "team": of})
        return kind(sentence, word=word, needed=str(said.get("needed", "")))


def _pause(of: str, method: str) -> str:
    return f"slack:pause:{of}:{method}"


def _seconds(headers: Any) -> float:
    found = next((value for name, value in dict(headers).items() if name.lower() == "retry-after"), "")
    try:
        return float(found[0] if isinstance(found, list) else found)
    except ValueError:
        return _UNSAID_PAUSE
