"""Language models on loopback: an OpenAI-compatible server and an Ollama, as far as anybody asks them."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from flask_core.testing.loopback import on_loopback

type Says = Callable[[dict[str, Any]], str | dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Failure:
    """One refusal: its status, headers, and the body in OpenAI's shape."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    message: str = "no"
    code: str = "error"


class FakeOpenAI:
    """`says` gives the text (or a whole message) for a request; `failures` are answered first, one per completion,
    and `list_failures` to who asks for the models.

    `asked` are the bodies of all completions, `keys` what was sent with them. While `holds` is set, answers wait
    for it; a stream waits for `pause` after `pauses_after` pieces. `left` counts who went away before the end.
    """

    def __init__(self, *, models: tuple[str, ...] = ("gpt-test",), key: str = "sk-test") -> None:
        self.models = models
        self.key = key
        self.says: Says = lambda _: "Penguins waddle."
        self.failures: list[Failure] = []
        self.list_failures: list[Failure] = []
        self.asked: list[dict[str, Any]] = []
        self.keys: list[str] = []
        self.holds: asyncio.Event | None = None
        self.pause: asyncio.Event | None = None
        self.pauses_after = 0
        self.left = 0
        self.url = ""

    def app(self) -> web.Application:
        """Completions and models below /v1."""
        app = web.Application()
        app.router.add_post("/v1/chat/completions", self._complete)
        app.router.add_get("/v1/models", self._models)
        return app

    @asynccontextmanager
    async def running(self) -> AsyncIterator[str]:
        """Served at `url` for as long as the block lasts."""
        async with on_loopback(self.app(), notices_leaving=True) as url:
            self.url = url
            yield url

    def questions(self) -> list[str]:
        """The last user turn of every request."""
        return [body["messages"][-1]["content"] for body in self.asked]

    def systems(self) -> list[str]:
        """The trusted part of every request."""
        return ["\n".join(one["content"] for one in body["messages"] if one["role"] == "system") for body in self.asked]

    def _refused(self, request: web.Request, failures: list[Failure]) -> web.Response | None:
        if failures:
            return _error(failures.pop(0))
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if self.key and given != self.key:
            # The real one repeats the key in part, too.
            return _error(Failure(401, message=f"Incorrect API key provided: {given}", code="invalid_api_key"))
        return None

    async def _models(self, request: web.Request) -> web.Response:
        listed = [{"id": model, "object": "model", "created": 0, "owned_by": "us"} for model in self.models]
        return self._refused(request, self.list_failures) or web.json_response({"object": "list", "data": listed})

    async def _complete(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        self.asked.append(body)
        self.keys.append(request.headers.get("Authorization", "").removeprefix("Bearer "))
        try:
            if self.holds is not None:
                await self.holds.wait()
            refused = self._refused(request, self.failures)
            if refused is not None:
                return refused
            if body["model"] not in self.models:
                return _error(Failure(404, message="The model does not exist", code="model_not_found"))
            said = self.says(body)
            message = said if isinstance(said, dict) else {"role": "assistant", "content": said}
            if body.get("stream"):
                return await self._stream(request, body, message)
            return web.json_response(_completion(body, message))
        except (asyncio.CancelledError, ConnectionError):
            self.left += 1
            raise

    async def _stream(self, request: web.Request, body: dict[str, Any], message: dict[str, Any]) -> web.StreamResponse:
        """Word by word, as server-sent events; usage at the end where it was asked for."""
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        words = str(message["content"]).split(" ")
        deltas: list[dict[str, Any]] = [{"role": "assistant", "content": ""}]
        deltas += [{"content": word if index == 0 else f" {word}"} for index, word in enumerate(words)]
        for index, delta in enumerate(deltas):
            if self.pause is not None and index == self.pauses_after:
                await self.pause.wait()
            await _send(response, _chunk(body, [{"index": 0, "delta": delta, "finish_reason": None}]))
            await asyncio.sleep(0)
        await _send(response, _chunk(body, [{"index": 0, "delta": {}, "finish_reason": "stop"}]))
        if (body.get("stream_options") or {}).get("include_usage"):
            await _send(response, {**_chunk(body, []), "usage": _usage(body, str(message["content"]))})
        await response.write(b"data: [DONE]\n\n")
        return response


class FakeOllama(FakeOpenAI):
    """Takes any key and tells its models under /api/tags, too."""

    def __init__(self, *, models: tuple[str, ...] = ("llama3.2",)) -> None:
        super().__init__(models=models, key="")

    def app(self) -> web.Application:
        app = super().app()
        app.router.add_get("/api/tags", self._tags)
        return app

    async def _tags(self, request: web.Request) -> web.Response:
        tags = [{"name": f"{model}:latest", "model": f"{model}:latest", "size": 1} for model in self.models]
        return self._refused(request, self.list_failures) or web.json_response({"models": tags})


def _error(failure: Failure) -> web.Response:
    body = {"error": {"message": failure.message, "type": "error", "param": None, "code": failure.code}}
    return web.json_response(body, status=failure.status, headers=failure.headers)


def _completion(body: dict[str, Any], message: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": "chatcmpl-fake",
        "object": "chat.completion",
        "created": int(time.time()),
        "model": body["model"],
        "choices": [
            {"index": 0, "message": message, "finish_reason": "tool_calls" if "tool_calls" in message else "stop"}
        ],
        "usage": _usage(body, str(message.get("content") or "")),
    }


def _chunk(body: dict[str, Any], choices: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "id": "chatcmpl-fake", "object": "chat.completion.chunk", "created": int(time.time()), "model": body["model"],
        "choices": choices,
    }  # fmt: skip


def _usage(body: dict[str, Any], text: str) -> dict[str, int]:
    asked = sum(len(str(one.get("content") or "").split()) for one in body["messages"])
    return {"prompt_tokens": asked, "completion_tokens": len(text.split()), "total_tokens": asked + len(text.split())}


async def _send(response: web.StreamResponse, chunk: dict[str, Any]) -> None:
    await response.write(f"data: {json.dumps(chunk)}\n\n".encode())
