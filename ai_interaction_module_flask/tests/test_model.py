"""The model behind the port, at a server that answers in odd ways."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from ai_interaction_module_flask.ports import (
    Answered,
    Conversation,
    Limits,
    Message,
    ModelAway,
    ModelFailed,
    ModelTooSlow,
    Place,
)
from ai_interaction_module_flask.pydantic_model import PydanticModels
from flask_core.testing.installation import until
from flask_core.testing.loopback import on_loopback
from flask_core.url_guard import UrlGuard

ASKED = Conversation("Be kind.", (Message("user", "a"), Message("assistant", "b"), Message("user", "what?")))
COMPLETION = (
    '{"id":"x","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"finish_reason":"%s",'
    '"message":{"role":"assistant","content":"%s"}}]%s}'
)
USAGE = ',"usage":{"prompt_tokens":5,"completion_tokens":2,"total_tokens":7}'

type Answer = Callable[[Limits], Awaitable[Answered]]


@asynccontextmanager
async def server(handler: Callable[[web.Request], Awaitable[web.StreamResponse]]) -> AsyncIterator[Answer]:
    app = web.Application()
    app.router.add_post("/v1/chat/completions", handler)
    async with on_loopback(app, notices_leaving=True) as url:
        models = PydanticModels(UrlGuard())
        model = models.at(Place("openai", f"{url}/v1", "k", "m"))
        yield lambda limits: model.answer(ASKED, (), limits)
        await models.close()


def says(body: str, kind: str = "application/json") -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def handler(_: web.Request) -> web.StreamResponse:
        return web.Response(text=body, content_type=kind)

    return handler


@pytest.mark.parametrize(
    "body", ["<html>", "{}", "[]", "not json", '{"choices":[]}', '{"choices":[{"message":null}]}', "x" * 5_000_000]
)
async def test_what_is_no_answer_is_a_failure(body: str) -> None:
    async with server(says(body, "text/html" if body == "<html>" else "application/json")) as answer:
        with pytest.raises(ModelFailed):
            await answer(Limits(seconds=5))


async def test_an_answer_that_was_cut_off_or_not_counted_is_one() -> None:
    async with server(says(COMPLETION % ("length", "cut", USAGE))) as answer:
        assert await answer(Limits()) == Answered("cut", 5, 2, "m")
    async with server(says(COMPLETION % ("length", "", USAGE))) as answer:
        assert await answer(Limits()) == Answered("", 5, 2, "m")
    async with server(says(COMPLETION % ("stop", "not counted", ""))) as answer:
        # 15 characters asked and 11 answered, at four a token.
        assert await answer(Limits()) == Answered("not counted", 4, 3, "m")


async def test_nobody_is_followed_elsewhere() -> None:
    async def elsewhere(_: web.Request) -> web.StreamResponse:
        raise web.HTTPFound("http://127.0.0.1:1/")

    async with server(elsewhere) as answer:
        with pytest.raises(ModelAway):
            await answer(Limits(seconds=5))


async def test_an_answer_that_trickles_ends_in_time() -> None:
    left: list[bool] = []

    async def trickle(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        try:
            while True:
                await response.write(b" ")
                await asyncio.sleep(0.01)
        finally:
            left.append(True)

    async with server(trickle) as answer:
        with pytest.raises(ModelTooSlow):
            await answer(Limits(seconds=0.2))
        await until(lambda: left)
