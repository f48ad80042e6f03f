"""The fake Twitch's EventSub over WebSocket: welcome, keepalive, reconnect, revocation, and all the ways to hang up."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from aiohttp import WSMsgType, web

SERVER_ERROR, SENT_TRAFFIC, UNANSWERED_PING, UNUSED, GRACE_OVER, TIMED_OUT, NETWORK, BAD_RECONNECT = range(4000, 4008)
_UNUSED_SECONDS, _GRACE_SECONDS = 10.0, 30.0
_SHORTEST, _LONGEST = 10, 600


@dataclass(slots=True, eq=False)
class Session:
    """One connection; `user_id` is whose token subscribed on it first, `used` once anything is bound to it.

    `ended_at` is the loop's time when it ended, 0 until then.
    """

    id: str
    ws: web.WebSocketResponse
    wire: asyncio.Transport | None
    keepalive: float
    user_id: str = ""
    used: bool = False
    said_at: float = 0.0
    replaced: bool = False
    ended_at: float = 0.0

    async def tell(self, kind: str, payload: dict[str, Any], message_id: str = "", **about: str) -> bool:
        """Send a message; whether the connection could take it."""
        self.said_at = asyncio.get_running_loop().time()
        metadata = {
            "message_id": message_id or secrets.token_hex(16), "message_type": kind,
            "message_timestamp": datetime.now(UTC).isoformat().replace("+00:00", "Z"), **about,
        }  # fmt: skip
        if self.ws.closed:
            return False
        try:
            await self.ws.send_json({"metadata": metadata, "payload": payload})
        except (ConnectionError, RuntimeError):
            return False
        return True

    def shown(self, status: str, reconnect_url: str | None = None) -> dict[str, Any]:
        """As welcome and reconnect messages carry it."""
        seconds = self.keepalive if status == "connected" else None
        return {"session": {"id": self.id, "status": status, "connected_at": datetime.now(UTC).isoformat(),
                            "keepalive_timeout_seconds": seconds, "reconnect_url": reconnect_url}}  # fmt: skip


@dataclass
class FakeSockets:
    """Tests read `open` and `refused`, set the seconds, and hang up with `close`, `drop`, `ask_to_reconnect`.

    `keepalive` takes the place of what a client asks for, so that a test need not wait ten seconds; a `silent` Twitch
    says nothing by itself. `codes` are the close codes that were used; `on_told` hears which notification was written
    to which connection, under its message id.
    """

    url: str = ""
    open: dict[str, Session] = field(default_factory=dict)
    keepalive: float = 0
    silent: bool = False
    welcomes: bool = True
    unused_seconds: float = _UNUSED_SECONDS
    codes: list[int] = field(default_factory=list)
    connected: int = 0
    on_told: Callable[[Session, str], None] | None = None
    moved: dict[str, str] = field(default_factory=dict)
    """New session ids by the ones that they replaced."""
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        """A connection, from its upgrade to its end."""
        ws = web.WebSocketResponse()
        await ws.prepare(request)
        asked = min(max(int(request.query.get("keepalive_timeout_seconds", "10")), _SHORTEST), _LONGEST)
        replaced = self.open.get(request.query.get("reconnect", ""))
        if "reconnect" in request.query and (replaced is None or not replaced.replaced):
            await ws.close(code=BAD_RECONNECT)
            return ws
        session = Session(secrets.token_urlsafe(16), ws, request.transport, self.keepalive or asked)
        self.open[session.id] = session
        self.connected += 1
        upkeep = asyncio.create_task(self._upkeep(session, replaced))
        try:
            await self._hear(session)
        finally:
            upkeep.cancel()
            session.ended_at = asyncio.get_running_loop().time()
            self.open.pop(session.id, None)
        return ws

    async def _hear(self, session: Session) -> None:
        async for message in session.ws:
            if message.type in {WSMsgType.TEXT, WSMsgType.BINARY}:
                await self._hang_up(session, SENT_TRAFFIC)

    async def _upkeep(self, session: Session, replaced: Session | None) -> None:
        if not self.welcomes:
            return
        if replaced is not None:
            # Everything that is bound to the old connection belongs to the new one before it is greeted.
            session.used, session.user_id = replaced.used, replaced.user_id
            self.moved[replaced.id] = session.id
        await session.tell("session_welcome", session.shown("connected"))
        if replaced is None:
            asyncio.get_running_loop().call_later(self.unused_seconds, self._unused, session)
        while True:
            await asyncio.sleep(session.keepalive / 2)
            quiet = asyncio.get_running_loop().time() - session.said_at
            if not self.silent and quiet >= session.keepalive / 2:
                await session.tell("session_keepalive", {})

    def _unused(self, session: Session) -> None:
        if not session.used and session.id in self.open:
            self._soon(self._hang_up(session, UNUSED))

    async def _hang_up(self, session: Session, code: int) -> None:
        self.codes.append(code)
        self.open.pop(session.id, None)
        await session.ws.close(code=code)

    def now(self, session_id: str) -> Session | None:
        """The connection that a session id leads to, over all reconnects; None for one that ended."""
        while session_id in self.moved:
            session_id = self.moved[session_id]
        return self.open.get(session_id)

    async def ask_to_reconnect(self) -> None:
        """Tell every connection to come again by another address; who does not is hung up on."""
        for session in list(self.open.values()):
            session.replaced = True
            url = f"{self.url}?reconnect={session.id}"
            await session.tell("session_reconnect", session.shown("reconnecting", url))
            asyncio.get_running_loop().call_later(_GRACE_SECONDS, self._grace_is_over, session)

    def _grace_is_over(self, session: Session) -> None:
        if session.id in self.open:
            self._soon(self._hang_up(session, GRACE_OVER))

    async def close(self, code: int = SERVER_ERROR) -> None:
        """Hang up on everybody."""
        for session in list(self.open.values()):
            await self._hang_up(session, code)

    def drop(self) -> None:
        """Every line goes dead without a word."""
        for session in list(self.open.values()):
            self.open.pop(session.id)
            if session.wire is not None:
                session.wire.abort()

    def _soon(self, what: Any) -> None:
        task = asyncio.get_running_loop().create_task(what)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def end(self) -> None:
        """Close what is open, quietly."""
        for session in list(self.open.values()):
            with suppress(ConnectionError, RuntimeError):
                await session.ws.close()
