"""Whom a community asks, what happens when that fails, and that keys stay where they are."""

from __future__ import annotations

import logging
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from ai_interaction_module_flask.tests.pond import Pond, pond_on, words
from flask_core.auth import utc_now
from flask_core.contracts import ai
from flask_core.errors import InvalidInput, ServiceError, UpstreamFailed
from flask_core.testing.fake_openai import Failure, FakeOllama, FakeOpenAI

KEY = "sk-community-secret-a1b2"
AWAY = "The AI is not answering right now."


async def put(pond: Pond, key: str | None = None, **changed: object) -> ai.Config:
    now = await pond.as_person(ai.CONFIG, ai.OfCommunity(pond.here))
    return await pond.as_person(
        ai.PUT_CONFIG, ai.PutConfig(pond.here, {**now.document, **changed}, now.version, key)
    )  # fmt: skip


async def test_what_may_be_over_at_once_is_tried_twice(pond: Pond) -> None:
    pond.model.failures = [Failure(503)]
    assert await pond.run("what?") == "> Penguins waddle."
    pond.model.failures = [Failure(502), Failure(504), Failure(503)]
    assert await pond.run("what?", "eve") == AWAY
    assert len(pond.model.failures) == 1
    pond.model.failures = [Failure(500)]
    assert await pond.run("what?", "fay") == AWAY
    assert pond.model.failures == []


@pytest.mark.promise("ai.15")
async def test_who_wants_us_to_wait_is_left_alone_by_all_replicas(pond: Pond) -> None:
    other = FakeOpenAI()
    async with other.running() as url:
        here, there = pond.replica(), pond.replica(openai_base_url=f"{url}/v1")
        pond.model.failures = [Failure(429, {"Retry-After": "30"})]
        assert words(await here.ai.ask(pond.invocation("what?"))) == AWAY
        for replica in (here, pond.replica()):
            assert words(await replica.ai.ask(pond.invocation("what?"))) == AWAY
        assert len(pond.model.asked) == 1
        # Another credential is none of its business.
        assert words(await there.ai.ask(pond.invocation("what?"))) == "> Penguins waddle."
        assert (await pond.as_person(ai.STATUS, ai.OfCommunity(pond.here))).state == "paused"
        for seconds, said in ((29, AWAY), (31, "> Penguins waddle.")):
            later = pond.replica(now=lambda seconds=seconds: utc_now() + timedelta(seconds=seconds))  # type: ignore[misc]
            assert words(await later.ai.ask(pond.invocation("what?"))) == said


async def test_a_second_model_answers_for_the_first_and_that_shows(pond: Pond) -> None:
    ollama = FakeOllama()
    ollama.says = lambda _: "Ollama here."
    async with ollama.running() as url:
        both = pond.replica(fallback="ollama", ollama_url=url)
        pond.model.failures = [Failure(500)]
        assert words(await both.ai.ask(pond.invocation("what?"))) == "> Ollama here."
        (row, *_) = (await pond.as_person(ai.ANSWERS, ai.AnswersOf(pond.here))).items
        assert (row.provider, row.model) == ("ollama", "llama3.2")
        pond.model.failures = [Failure(429, {"Retry-After": "30"})]
        assert words(await both.ai.ask(pond.invocation("what?"))) == "> Ollama here."
        status = await both.ai.chatting.status(pond.invocation("!ai status"))
        assert status.startswith("AI is on: llama3.2 (ollama), 2 of 500")
        # Servers that only follow the protocol know the older name of the bound.
        assert ollama.asked[0]["max_tokens"] == 500
        shown = await both.doors.looking.providers_of(pond.here)
        assert [(one.kind, one.reachable, one.models) for one in shown.items if one.configured] == [
            ("ollama", True, ("llama3.2",)), ("openai", True, ("gpt-test",)),
        ]  # fmt: skip
    gone = await both.doors.looking.providers_of(pond.here)
    assert [one.reachable for one in gone.items] == [False, True, False]
    assert gone.items[2].needs == ("base_url", "model", "api_key")


async def test_a_refused_key_pauses_and_the_owner_hears_of_it(
    database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with pond_on(database_url, AI_OPENAI_API_KEY="sk-wrong-key-0000") as pond:
        assert await pond.run("what?") == AWAY
        assert await pond.run("what?", "eve") == AWAY
        assert len(pond.model.asked) == 1
        health = await pond.as_person(ai.STATUS, ai.OfCommunity(pond.here))
        assert (health.state, health.last_error) == ("paused", "401 Unauthorized")
        assert "sk-wrong-key-0000" not in caplog.text


@pytest.mark.promise("ai.16")
async def test_a_communitys_key_is_used_and_never_shown(database_url: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    own = FakeOpenAI(models=("gpt-own",), key=KEY)
    async with (
        own.running() as url,
        pond_on(
            database_url, AI_COMMUNITY_PROVIDERS="true", HTTP_GUARD_ALLOW_HOSTS=url.removeprefix("http://")
        ) as pond,
    ):
        stored = await put(pond, KEY, provider="own", model="gpt-own", base_url=f"{url}/v1")
        assert (stored.secrets["api_key"].set, stored.secrets["api_key"].last4) == (True, "a1b2")
        assert await pond.run("what?") == "> Penguins waddle."
        assert own.keys == [KEY]
        seen = [stored, await pond.as_person(ai.CONFIG, ai.OfCommunity(pond.here))]
        seen.append(await pond.as_person(ai.PROVIDERS, ai.OfCommunity(pond.here)))
        own.key = "sk-another"
        with pytest.raises(UpstreamFailed) as refused:
            await pond.as_person(ai.TEST, ai.Try(pond.here, "what?"))
        seen += [refused.value.message, refused.value.details]
        seen.append(await pond.as_person(ai.STATUS, ai.OfCommunity(pond.here)))
        seen.append(await (await pond.inst.app("ai").test_client().get("/metrics")).get_data(as_text=True))
        rows = await pond.inst.services["ai"].database.read(
            lambda tx: [tx.rows(f"SELECT * FROM {table}") for table in ("ai_secrets", "audit", "ai_answers")]
        )
        everything = str(seen) + str(rows) + caplog.text
        assert KEY not in everything
        assert "401 Unauthorized" in everything
        # A new key is tried at once; an empty one forgets it.
        own.key = "sk-new-key-of-ours"
        assert (await put(pond, "sk-new-key-of-ours")).secrets["api_key"].last4 == "ours"
        assert await pond.run("what?", "eve") == "> Penguins waddle."
        assert not (await put(pond, "")).secrets["api_key"].set


@pytest.mark.promise("ai.16")
@pytest.mark.parametrize(
    "address", ["https://127.0.0.1/v1", "http://example.com/v1", "https://10.0.0.8/v1", "https://metadata/v1", "x"]
)
async def test_an_address_inside_is_refused(address: str, tmp_path: Path) -> None:
    async with pond_on(f"sqlite://{tmp_path}/test.db", AI_COMMUNITY_PROVIDERS="true") as pond:
        with pytest.raises(InvalidInput) as refused:
            await put(pond, KEY, provider="own", model="gpt", base_url=address)
        assert refused.value.details["field"] == "base_url"


async def test_settings_name_what_is_wrong_and_who_was_faster(pond: Pond) -> None:
    for changed, field in (
        ({"provider": "own", "base_url": "https://example.com"}, "provider"),
        ({"fallback": "ollama"}, "fallback"),
    ):
        with pytest.raises(InvalidInput) as refused:
            await put(pond, **changed)
        assert refused.value.details["field"] == field
    with pytest.raises(InvalidInput, match="temperature"):
        await put(pond, temperature=3)
    with pytest.raises(InvalidInput, match="unknown"):
        await put(pond, colour="red")
    await put(pond, temperature=1)
    with pytest.raises(ServiceError) as stale:
        await pond.as_person(ai.PUT_CONFIG, ai.PutConfig(pond.here, {}, 0))
    assert (stale.value.code, stale.value.details["version"]) == ("stale", 1)


async def test_the_operators_key_stays_with_the_operator_where_it_is_not_shared(pond: Pond) -> None:
    alone = pond.replica(share_key=False)
    assert words(await alone.ai.ask(pond.invocation("what?"))) == "AI isn't set up here yet."
    assert pond.model.asked == []


async def test_the_test_says_nothing_and_costs(pond: Pond) -> None:
    pond.model.says = lambda _: "See https://evil.example now."
    tried = await pond.as_person(ai.TEST, ai.Try(pond.here, "what?"))
    assert (tried.output, tried.filters, tried.model) == ("See now.", ("link",), "gpt-test")
    assert tried.tokens_out == 3
    assert pond.town.said == []
    assert (await pond.as_person(ai.STATUS, ai.OfCommunity(pond.here))).answers == 1
    pond.model.failures = [Failure(400, message="bad model")]
    with pytest.raises(UpstreamFailed) as failed:
        await pond.as_person(ai.TEST, ai.Try(pond.here, "what?"))
    assert failed.value.details["reason"] == "400 Bad Request"


async def test_models_in_use_are_looked_at_once_a_minute(pond: Pond) -> None:
    await pond.run("what?")
    health = pond.parts.health
    (place,) = health._used
    seen = await health.of(place.credential)
    assert seen.succeeded
    pond.model.list_failures = [Failure(401)]
    await health.step()
    assert (await health.of(place.credential)).error
    pond.model.list_failures = [Failure(401)]
    await health.step()
    assert len(pond.model.list_failures) == 1


def test_the_library_is_not_loaded_before_somebody_asks() -> None:
    code = (
        "from flask_core.testing.installation import prepare_environment; prepare_environment()\n"
        "import sys, ai_interaction_module_flask.app\n"
        "print([name for name in ('pydantic_ai', 'openai', 'httpx2', 'mcp') if name in sys.modules])"
    )
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603
    assert loaded.stdout.strip() == "[]"
