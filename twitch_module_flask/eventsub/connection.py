"""One WebSocket to Twitch: what comes over it, and how it ends."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import aiohttp
import msgspec

from flask_core.errors import UpstreamFailed
from twitch_module_flask.models import Notification

log = logging.getLogger(__name__)

KEEPALIVE_SECONDS, WELCOME_SECONDS = 30, 10.0
_SLACK_SECONDS = 3.0
_CLOSE_SECONDS = 2.0
_MOST_BYTES = 1024 * 1024
CLOSES = {
    4000: "server error", 4001: "we sent something", 4002: "a ping was not answered", 4003: "unused",
    4004: "the time to reconnect was over", 4005: "timeout", 4006: "network error", 4007: "bad reconnect address",
}  # fmt: skip


class _Metadata(msgspec.Struct, frozen=True):
    message_id: str
    message_type: str
    message_timestamp: datetime


class _Frame(msgspec.Struct, frozen=True):
    metadata: _Metadata
    payload: dict[str, Any] = {}


_decoder = msgspec.json.Decoder(_Frame)


@dataclass(slots=True)
class Connection:
    """Greeted by Twitch; silence of more than `keepalive` seconds means that nobody is there any more."""

    ws: aiohttp.ClientWebSocketResponse
    session_id: str
    keepalive: float

    async def next(self) -> Notification | None:
        """The next message; None when the connection is over. Raises TimeoutError for silence."""
        while True:
            async with asyncio.timeout(self.keepalive + min(self.keepalive, _SLACK_SECONDS)):
                message = await self.ws.receive()
            if message.type not in {aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY}:
                self._say_why()
                return None
            if (read := read_frame(message.data)) is not None:
                return read

    def _say_why(self) -> None:
        code = self.ws.close_code or 0
        log.info("Twitch ended a connection: %s", CLOSES.get(code, "it was lost"), extra={"close_code": code})

    async def close(self) -> None:
        """End it; however it stands, nothing is raised and nobody waits for long."""
        try:
            async with asyncio.timeout(_CLOSE_SECONDS):
                await self.ws.close()
        except (aiohttp.ClientError, OSError):
            return


def read_frame(data: str | bytes) -> Notification | None:
    """A message of Twitch's; None for something that is none."""
    try:
        frame = _decoder.decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        log.warning("Twitch sent something that cannot be read")
        return None
    about = frame.metadata
    return Notification(about.message_id, about.message_type, about.message_timestamp, frame.payload)


class Door:
    """Opens connections to one address, and to those that Twitch names in their place."""

    def __init__(self, url: str, *, keepalive: int = KEEPALIVE_SECONDS) -> None:
        parts = urlsplit(url)
        query = urlencode([*parse_qsl(parts.query), ("keepalive_timeout_seconds", str(keepalive))])
        self._url = urlunsplit(parts._replace(query=query))
        self._scheme, self._host = parts.scheme, parts.hostname or ""
        self._session: aiohttp.ClientSession | None = None

    async def open(self, url: str = "") -> Connection:
        """A connection that was greeted within ten seconds. Raises aiohttp's errors, TimeoutError, UpstreamFailed."""
        if url and not self._trusted(url):
            raise UpstreamFailed("Twitch named an address that is not Twitch's.")
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=None, connect=WELCOME_SECONDS))
        async with asyncio.timeout(WELCOME_SECONDS):
            closing = aiohttp.ClientWSTimeout(ws_close=_CLOSE_SECONDS)
            ws = await self._session.ws_connect(url or self._url, max_msg_size=_MOST_BYTES, timeout=closing)
            try:
                return await _greeted(ws)
            except BaseException:
                await ws.close()
                raise

    def _trusted(self, url: str) -> bool:
        parts = urlsplit(url)
        host = parts.hostname or ""
        home = self._host.split(".", 1)[-1]
        beside = bool(home) and "." in home and not home.replace(".", "").isdigit() and host.endswith(f".{home}")
        return parts.scheme == self._scheme and (host == self._host or beside)

    async def close(self) -> None:
        """End everything."""
        if self._session is not None:
            session, self._session = self._session, None
            await session.close()


async def _greeted(ws: aiohttp.ClientWebSocketResponse) -> Connection:
    message = await ws.receive()
    read = read_frame(message.data) if message.type is aiohttp.WSMsgType.TEXT else None
    try:
        assert read is not None
        session = read.payload["session"]
        if read.kind != "session_welcome":
            raise KeyError(read.kind)
        return Connection(ws, str(session["id"]), float(session.get("keepalive_timeout_seconds") or KEEPALIVE_SECONDS))
    except (AssertionError, KeyError, TypeError, ValueError) as error:
        raise UpstreamFailed("Twitch did not greet us.") from error
