"""Bare counterparts: Quart handlers that do nothing but pass on. `python -m benchmarks.bare ROLE [NEXT …]`."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import httpx
import msgspec
from hypercorn.asyncio import serve
from quart import Quart, Response, request, websocket

from flask_core.datamodels import Chat, Event
from flask_core.serving import hypercorn_config, stop_on_signals

type Post = Callable[[str, bytes], Awaitable[bytes]]

_event = msgspec.json.Decoder(Event)
_chat = msgspec.json.Decoder(Chat)
_JSON = {"Content-Type": "application/json"}


def aiohttp_client(app: Quart) -> Post:
    """The transport that our modules speak among each other."""
    sessions: list[aiohttp.ClientSession] = []

    @app.before_serving
    async def begin() -> None:
        sessions.append(aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0, limit_per_host=64)))

    @app.after_serving
    async def end() -> None:
        await sessions.pop().close()

    async def post(url: str, body: bytes) -> bytes:
        async with sessions[0].post(url, data=body, headers=_JSON) as answer:
            return await answer.read()

    return post


def httpx_client(app: Quart) -> Post:
    """httpx as it comes."""
    client = httpx.AsyncClient(limits=httpx.Limits(max_connections=64), timeout=60, trust_env=False)

    @app.after_serving
    async def end() -> None:
        await client.aclose()

    async def post(url: str, body: bytes) -> bytes:
        return (await client.post(url, content=body, headers=_JSON)).content

    return post


CLIENTS = {"aiohttp": aiohttp_client, "httpx": httpx_client}


def bare_app() -> Quart:
    """An app that says that it is ready."""
    app = Quart("bare")

    @app.get("/ready")
    async def ready() -> Response:
        return Response("ready")

    return app


async def _body() -> bytes:
    body: bytes = await request.get_data(as_text=False)  # type: ignore[assignment]
    return body


def dropping() -> Quart:
    """Decodes events and drops them."""
    app = bare_app()
    batch = msgspec.json.Decoder(dict[str, list[Event]])

    @app.post("/")
    async def take() -> Response:
        batch.decode(await _body())
        return Response(status=202)

    return app


def door(client: str, module: str, action: str) -> Quart:
    """Takes an event, asks the module, sends the action out, answers."""
    app = bare_app()
    post = CLIENTS[client](app)

    @app.post("/")
    async def take() -> Response:
        event = _event.decode(await _body())
        await post(action, await post(module, msgspec.json.encode(event)))
        return Response(status=202)

    return app


def module() -> Quart:
    """Reads the event and answers with an action."""
    app = bare_app()

    @app.post("/")
    async def run() -> Response:
        event = _event.decode(await _body())
        return Response(msgspec.json.encode(Chat(f"#1 {event.text}")), content_type="application/json")

    return app


def taking() -> Quart:
    """Reads the action and drops it."""
    app = bare_app()

    @app.post("/")
    async def take() -> Response:
        _chat.decode(await _body())
        return Response(status=202)

    return app


def action(client: str, platform: str) -> Quart:
    """Reads the action and says it on the platform."""
    app = bare_app()
    post = CLIENTS[client](app)

    @app.post("/")
    async def say() -> Response:
        said = _chat.decode(await _body())
        line = {"broadcaster_id": "1", "sender_id": "2", "message": said.text}
        await post(platform, msgspec.json.encode(line))
        return Response(status=202)

    return app


def broadcast() -> Quart:
    """Sends what is posted to every page that is connected."""
    app = bare_app()
    pages: set[asyncio.Queue[str]] = set()

    @app.websocket("/socket")
    async def page() -> None:
        await websocket.accept()
        queue: asyncio.Queue[str] = asyncio.Queue()
        pages.add(queue)
        try:
            while True:
                await websocket.send(await queue.get())
        finally:
            pages.discard(queue)

    @app.post("/")
    async def show() -> Response:
        text = (await _body()).decode()
        for queue in pages:
            queue.put_nowait(text)
        return Response(status=202)

    return app


ROLES: dict[str, Callable[..., Quart]] = {
    "dropping": dropping, "door": door, "module": module, "action": action, "broadcast": broadcast,
}  # fmt: skip


async def _serve(app: Any, port: int) -> None:
    stop = asyncio.Event()
    stop_on_signals(stop)
    await serve(app, hypercorn_config("127.0.0.1", port), shutdown_trigger=stop.wait)


if __name__ == "__main__":
    asyncio.run(_serve(ROLES[sys.argv[1]](*sys.argv[2:]), int(os.environ["PORT"])))
