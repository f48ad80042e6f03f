"""Socket Mode of the fake Slack: hello, envelopes with acknowledgement, redelivery, disconnect frames."""

from __future__ import annotations

import asyncio
import json
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aiohttp import WSMsgType, web

if TYPE_CHECKING:
    from flask_core.testing.fake_slack import FakeSlack

MOST_SOCKETS = 10
ACKNOWLEDGE_SECONDS = 3.0
MOST_TRIES = 4


@dataclass(slots=True)
class Envelope:
    """Something on its way; `answer` is the payload of its acknowledgement."""

    kind: str
    payload: dict[str, Any]
    id: str = ""
    tries: int = 0
    answer: dict[str, Any] | None = None
    acknowledged: asyncio.Event = field(default_factory=asyncio.Event)


class Sockets:
    """Each envelope goes to one socket; one that nobody acknowledged in time is sent again."""

    def __init__(self, slack: FakeSlack) -> None:
        self._slack = slack
        self._tickets: set[str] = set()
        self.open: list[web.WebSocketResponse] = []
        self.envelopes: dict[str, Envelope] = {}
        self.seconds = ACKNOWLEDGE_SECONDS
        self.redelivered = 0
        self.opened = 0
        self.most_open = 0
        self._turn = 0

    def new_url(self) -> str:
        """An address for one socket."""
        ticket = secrets.token_hex(8)
        self._tickets.add(ticket)
        return f"{self._slack.url.replace('http', 'ws', 1)}/link/?ticket={ticket}"

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """A socket, until either side closes it."""
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets or len(self.open) >= MOST_SOCKETS:
            return web.Response(status=403)
        self._tickets.discard(ticket)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        hello = {"type": "hello", "num_connections": len(self.open) + 1, "debug_info": {"host": "fake"},
                 "connection_info": {"app_id": "A0FAKE"}}  # fmt: skip
        await socket.send_json(hello)
        self.open.append(socket)
        self.opened += 1
        self.most_open = max(self.most_open, len(self.open))
        try:
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    self._acknowledge(json.loads(message.data))
        finally:
            self._gone(socket)
        return socket

    def _gone(self, socket: web.WebSocketResponse) -> None:
        if socket in self.open:
            self.open.remove(socket)

    def _acknowledge(self, said: dict[str, Any]) -> None:
        envelope = self.envelopes.get(said.get("envelope_id", ""))
        if envelope is not None:
            envelope.answer = said.get("payload") or {}
            envelope.acknowledged.set()

    async def send(self, kind: str, payload: dict[str, Any]) -> Envelope:
        """Deliver until it is acknowledged, at most four times; which of the sockets takes it goes by turns."""
        envelope = Envelope(kind, payload)
        while envelope.tries < MOST_TRIES and not envelope.acknowledged.is_set():
            await self._once(envelope)
        return envelope

    async def _once(self, envelope: Envelope) -> None:
        envelope.id = envelope.id or secrets.token_hex(12)
        self.envelopes[envelope.id] = envelope
        async with asyncio.timeout(self.seconds * MOST_TRIES):
            while not self.open:  # noqa: ASYNC110 - as long as Slack waits for a socket
                await asyncio.sleep(0.01)
        socket = self.open[self._turn % len(self.open)]
        self._turn += 1
        envelope.tries += 1
        self.redelivered += envelope.tries > 1
        frame = {"envelope_id": envelope.id, "type": envelope.kind, "payload": envelope.payload,
                 "accepts_response_payload": envelope.kind != "events_api", "retry_attempt": envelope.tries - 1,
                 "retry_reason": "timeout" if envelope.tries > 1 else ""}  # fmt: skip
        try:
            await socket.send_json(frame)
            async with asyncio.timeout(self.seconds):
                await envelope.acknowledged.wait()
        except (ConnectionError, TimeoutError, RuntimeError):
            return

    async def refresh(self, reason: str = "refresh_requested") -> None:
        """Slack wants one socket opened anew: it closes the old one a little later."""
        socket = self.open[0]
        await socket.send_json({"type": "disconnect", "reason": reason, "debug_info": {"host": "fake"}})

    async def drop(self) -> None:
        """A connection dies without a word."""
        socket = self.open[0]
        self._gone(socket)
        await socket.close()

    async def close(self) -> None:
        """End all of them."""
        for socket in list(self.open):
            await socket.close()
