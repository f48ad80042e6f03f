"""Programs that speak OpenAI's protocol, with OpenAI's own library over loopback."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import openai
import pytest
import pytest_asyncio

from ai_interaction_module_flask.tests.pond import Pond, pond_on
from flask_core.auth import utc_now
from flask_core.contracts import ai, completions, identity
from flask_core.errors import NotFound, Unauthenticated
from flask_core.operations import Caller
from flask_core.testing.fake_openai import Failure
from flask_core.testing.installation import until

KEY = "wbot_user_a-key-for-chat"
HELLO: Any = [{"role": "user", "content": "hello"}]


class Keys:
    """The keys that identity knows."""

    def __init__(self, pond: Pond) -> None:
        self.owners: dict[str, identity.KeyOwner] = {}
        fake: Any = pond.inst.runtime.modules["identity"]

        @fake.offers(identity.VERIFY_KEY)
        async def verify(asked: identity.KeySecret, _: Caller) -> identity.KeyOwner:
            if asked.secret not in self.owners:
                raise Unauthenticated("This key does not work.")
            return self.owners[asked.secret]

    def give(self, secret: str, person: str, *scopes: identity.KeyScope) -> None:
        """A key of a person."""
        self.owners[secret] = identity.KeyOwner(
            secret[-4:], f"person-{person}", person.capitalize(), scopes, utc_now() + timedelta(days=1)
        )


@pytest_asyncio.fixture
async def loud(database_url: str) -> AsyncIterator[Pond]:
    """A pond that listens, and a key of Dee for this community alone."""
    async with pond_on(database_url, listening=True) as pond:
        pond.town.people["dee"] = "person-dee"
        await pond.ask("!ai hello", "dee")
        pond.model.asked.clear()
        keys = Keys(pond)
        keys.give(KEY, "dee", identity.KeyScope("chat", (pond.here,)))
        keys.give("wbot_user_everywhere", "ann", identity.KeyScope("chat"))
        keys.give("wbot_user_reads", "dee", identity.KeyScope("read"))
        yield pond


def client(pond: Pond, key: str = KEY, **options: Any) -> openai.AsyncOpenAI:
    return openai.AsyncOpenAI(base_url=f"{pond.inst.url('ai')}/api/v1", api_key=key, max_retries=0, **options)


@pytest.mark.promise("ai.10")
async def test_openais_library_gets_a_completion(loud: Pond) -> None:
    turns: Any = [
        {"role": "system", "content": "Speak like a pirate."},
        {"role": "user", "content": "hello"},
        {"role": "assistant", "content": "Arr."},
        {"role": "assistant", "content": None, "tool_calls": [
            {"id": "c1", "type": "function", "function": {"name": "tide", "arguments": "{}"}}]},
        {"role": "tool", "tool_call_id": "c1", "content": "It is high."},
        {"role": "user", "content": [{"type": "text", "text": "who "}, {"type": "text", "text": "am I?"}]},
    ]  # fmt: skip
    async with client(loud) as program:
        said = await program.chat.completions.create(
            model="waddlebot", messages=turns, temperature=0.2, max_tokens=50, stop=["\n"]
        )
    assert said.id.startswith("chatcmpl-")
    assert (said.choices[0].message.content, said.choices[0].finish_reason) == ("Penguins waddle.", "stop")
    assert said.model == "gpt-test"
    assert said.usage is not None
    assert (said.usage.completion_tokens, said.usage.total_tokens) == (2, said.usage.prompt_tokens + 2)
    (asked,) = loud.model.asked
    assert [(one["role"], one.get("content")) for one in asked["messages"]] == [
        ("system", "Speak like a pirate."), ("user", "hello"), ("assistant", "Arr."), ("assistant", None),
        ("tool", "It is high."), ("user", "who am I?"),
    ]  # fmt: skip
    assert (asked["temperature"], asked["max_tokens"], asked["stop"]) == (0.2, 50, ["\n"])
    (row, *_) = (await loud.as_person(ai.ANSWERS, ai.AnswersOf(loud.here))).items
    assert (row.kind, row.name, row.outcome, row.tokens) == ("api", "Dee", "said", said.usage.total_tokens)


@pytest.mark.promise("ai.10")
async def test_openais_library_gets_a_stream_with_what_it_cost(loud: Pond) -> None:
    async with client(loud) as program:
        stream = await program.chat.completions.create(
            model="gpt-test", messages=HELLO, stream=True, stream_options={"include_usage": True}
        )
        chunks = [chunk async for chunk in stream]
    words = [chunk.choices[0].delta.content for chunk in chunks if chunk.choices]
    assert words == ["", "Penguins", " waddle.", None]
    assert [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices][-1] == "stop"
    assert chunks[-1].usage is not None
    assert chunks[-1].usage.completion_tokens == 2
    assert len({chunk.id for chunk in chunks}) == 1
    async with client(loud) as program:
        stream = await program.chat.completions.create(model="waddlebot", messages=HELLO, stream=True)
        assert all(chunk.usage is None for chunk in [chunk async for chunk in stream])


@pytest.mark.promise("ai.10")
async def test_refusals_are_openais_own_exceptions(loud: Pond) -> None:
    async with client(loud) as program:

        async def complete(**changed: Any) -> Any:
            await program.chat.completions.create(**{"model": "waddlebot", "messages": HELLO, **changed})

        for stream in (False, True):
            with pytest.raises(openai.NotFoundError) as unknown:
                await complete(model="gpt-9", stream=stream)
            assert (unknown.value.code, unknown.value.type) == ("model_not_found", "invalid_request_error")
            loud.model.failures = [Failure(500)]
            with pytest.raises(openai.InternalServerError) as failed:
                await complete(stream=stream)
            assert failed.value.status_code == 502
        for wrong in (
            {"messages": []}, {"messages": HELLO * 51}, {"temperature": 3}, {"n": 2}, {"max_tokens": 9_999},
            {"messages": [{"role": "user", "content": "x" * 60_001}]}, {"tools": [{"type": "function"}]},
        ):  # fmt: skip
            with pytest.raises(openai.BadRequestError):
                await complete(**wrong)
        await loud.choose(budget={"answers": 500, "tokens": 200_000, "per_member": 1})
        with pytest.raises(openai.RateLimitError) as quota:
            await complete()
        assert (quota.value.code, quota.value.type) == ("insufficient_quota", "insufficient_quota")
        assert int(quota.value.response.headers["Retry-After"]) > 0
        await loud.choose(enabled=False)
        with pytest.raises(openai.PermissionDeniedError):
            await complete()
    for key, refusal in (("wbot_user_unknown", openai.AuthenticationError), ("nonsense", openai.AuthenticationError)):
        async with client(loud, key) as program:
            with pytest.raises(refusal):
                await program.models.list()
    assert loud.model.asked[2:] == []


async def test_a_model_that_wants_us_to_wait_lets_programs_wait(loud: Pond) -> None:
    loud.model.failures = [Failure(429, {"Retry-After": "30"})]
    async with client(loud) as program:
        for _ in range(2):
            with pytest.raises(openai.RateLimitError) as busy:
                await program.chat.completions.create(model="waddlebot", messages=HELLO)
            assert busy.value.code == "rate_limit_exceeded"
            assert 28 <= int(busy.value.response.headers["Retry-After"]) <= 30
    assert len(loud.model.asked) == 1


async def test_what_may_be_over_at_once_is_tried_twice_in_a_stream(loud: Pond) -> None:
    loud.model.failures = [Failure(503)]
    async with client(loud) as program:
        stream = await program.chat.completions.create(model="waddlebot", messages=HELLO, stream=True)
        assert "".join([chunk.choices[0].delta.content or "" async for chunk in stream]) == "Penguins waddle."
    assert len(loud.model.asked) == 2


async def test_keys_open_what_they_were_given_for(loud: Pond) -> None:
    async with client(loud) as program:
        assert [model.id for model in (await program.models.list()).data] == ["waddlebot", "gpt-test"]
        assert (await program.models.retrieve("gpt-test")).owned_by == "openai"
        with pytest.raises(openai.NotFoundError):
            await program.models.retrieve("gpt/9")
    elsewhere = {completions.COMMUNITY_HEADER: "4711"}
    async with client(loud, default_headers=elsewhere) as program:
        with pytest.raises(openai.PermissionDeniedError):
            await program.models.list()
    async with client(loud, "wbot_user_everywhere") as program:
        with pytest.raises(openai.BadRequestError, match="X-WaddleBot-Community"):
            await program.models.list()
    async with client(loud, "wbot_user_everywhere", default_headers=elsewhere) as program:
        with pytest.raises(openai.NotFoundError):
            await program.chat.completions.create(model="waddlebot", messages=HELLO)
    async with client(
        loud, "wbot_user_reads", default_headers={completions.COMMUNITY_HEADER: str(loud.here)}
    ) as program:
        with pytest.raises(openai.PermissionDeniedError, match="chat"):
            await program.chat.completions.create(model="waddlebot", messages=HELLO)
    assert loud.model.asked == []


@pytest.mark.promise("ai.11")
@pytest.mark.parametrize("stream", [False, True])
async def test_a_program_that_leaves_stops_the_model(loud: Pond, *, stream: bool) -> None:
    loud.model.holds = asyncio.Event()
    async with client(loud) as program:
        waiting = asyncio.create_task(
            program.chat.completions.create(model="waddlebot", messages=HELLO, stream=stream)  # type: ignore[call-overload]
        )
        await until(lambda: loud.model.asked)
        waiting.cancel()
        async with asyncio.timeout(1):
            await until(lambda: loud.model.left == 1)
    await until_settled(loud, ("failed", "stopped"))


@pytest.mark.promise("ai.11")
async def test_a_program_that_leaves_a_stream_in_the_middle_stops_the_model_and_pays(loud: Pond) -> None:
    loud.model.pauses_after = 2
    loud.model.pause = asyncio.Event()
    async with client(loud) as program:
        stream = await program.chat.completions.create(model="waddlebot", messages=HELLO, stream=True)
        await anext(stream)
        await anext(stream)
        await stream.close()
        async with asyncio.timeout(1):
            await until(lambda: loud.model.left == 1)
    await until_settled(loud, ("said", "left"))


async def until_settled(pond: Pond, wanted: tuple[str, str]) -> None:
    async with asyncio.timeout(10):
        while True:
            (row, *_) = (await pond.as_person(ai.ANSWERS, ai.AnswersOf(pond.here))).items
            if row.outcome != "open":
                assert (row.outcome, row.reason) == wanted
                return


async def test_plain_text_and_other_modules(loud: Pond) -> None:
    async with client(loud) as program:
        said = await program.post("/generate", body={"prompt": "hello", "max_tokens": 20}, cast_to=dict[str, Any])
        assert (said["text"], said["model"], said["usage"]["completion_tokens"]) == ("Penguins waddle.", "gpt-test", 2)
        with pytest.raises(openai.BadRequestError) as refused:
            await program.post("/generate", body={"prompt": ""}, cast_to=dict[str, Any])
        assert refused.value.response.json()["error"] == "invalid"
    asked = completions.Complete(loud.here, (completions.ChatTurn("user", "hello"),))
    answer = await loud.inst.client("alias").call("ai", completions.COMPLETE, asked)
    assert answer.choices[0].message.content == "Penguins waddle."
    with pytest.raises(NotFound):
        await loud.inst.client("alias").call("ai", completions.MODEL, completions.ModelOfCommunity(loud.here, "x"))
