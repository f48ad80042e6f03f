"""The router as others meet it: events in, words out, reasons afterwards."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from flask_core.contracts import module, router
from flask_core.datamodels import Chat, Event, MessageType, RepliedTo, Role, Ticker
from flask_core.errors import Conflict, Forbidden, InvalidInput, NotFound, Unauthenticated
from flask_core.operations import Acting
from flask_core.testing.installation import until
from router_module_flask.tests.conftest import Town


async def test_a_line_is_answered_and_explained(town: Town) -> None:
    assert await town.ask("!echo hi") == "Dee said !echo hi"
    why = await town.ask("!why", user="ben", moderator=True)
    assert why.startswith("!echo by Dee: understood: command !echo of echo; allowed: viewer needed")
    assert "chat done" in why


@pytest.mark.promise("router.17")
async def test_why_is_for_moderators_and_finds_the_message_replied_to(town: Town) -> None:
    assert await town.ask("!why") == "Only moderators can do that. You are viewer here."
    assert await town.ask("!why @nobody", user="ben", moderator=True) == "Nothing recorded in the last 24 h."
    await town.ask("!echo hi")
    answer = town.said[-1]
    await town.ask("!ping")
    replied = RepliedTo(f"m{answer.id}")
    assert (await town.ask("!why", user="ben", moderator=True, reply_to=replied)).startswith("!echo by Dee")
    event_id = await town.write("!echo again")
    await until(lambda: "again" in town.said[-1].action.text)
    assert (await town.ask(f"!why {event_id}", user="bea", moderator=True)).startswith("!echo by Dee")


@pytest.mark.promise("router.1")
async def test_the_same_event_fifty_times_at_once_is_answered_once(town: Town) -> None:
    event = town.event("!echo once")
    answers = await asyncio.gather(
        *(town.portal.client.call("router", router.INGEST, router.batch_of([event])) for _ in range(50))
    )
    outcomes = [result.outcome for answer in answers for result in answer.results]
    assert sorted(outcomes) == ["accepted"] + ["duplicate"] * 49
    await town.ask("!ping")
    assert [delivery.action.text for delivery in town.said].count("Dee said !echo once") == 1
    assert len(town.runs) == 1


@pytest.mark.promise("router.19")
async def test_a_bad_event_never_rejects_its_neighbours(town: Town) -> None:
    good = [msgspec.Raw(msgspec.json.encode(town.event(f"line {n}"))) for n in range(99)]
    bad = msgspec.Raw(b'{"event_id": "bad:1", "message_type": "shouting"}')
    answer = await town.portal.client.call("router", router.INGEST, router.RawBatch((*good[:50], bad, *good[50:])))
    assert [result.outcome for result in answer.results].count("accepted") == 99
    assert answer.results[50].outcome == "invalid"
    assert answer.results[50].event_id == "bad:1"
    assert "shouting" in answer.results[50].reason


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"text": "x" * 10_001}, "at most 10000"),
        ({"text": "a\x00b"}, "no NUL"),
        ({"channel": "nowhere"}, "platform:server:channel"),
        ({"data": {"big": "x" * 20_000}}, "16384"),
        ({"occurred_at": "2026-01-01T00:00:00"}, "offset"),
        ({"event_id": ""}, "1 to 200"),
        ({"event_id": "a\x00b"}, "no NUL"),
        ({"account": {"user_id": "7", "display_name": "De\x00e"}}, "no NUL"),
        ({"data": {"message_id": "\\\x00"}}, "no NUL"),
        ({"amount": 10**30}, "too large"),
        ({"amount": -(2**60)}, "too large"),
    ],
)
async def test_an_event_that_breaks_a_limit_is_invalid(town: Town, change: dict[str, object], reason: str) -> None:
    fields = {**msgspec.to_builtins(town.event("hello")), **change}
    batch = router.RawBatch((msgspec.Raw(msgspec.json.encode(fields)),))
    (result,) = (await town.portal.client.call("router", router.INGEST, batch)).results
    assert result.outcome == "invalid"
    assert reason in result.reason


async def test_who_types_the_escape_of_a_nul_typed_six_letters(town: Town) -> None:
    assert await town.ask("!echo \\u0000") == "Dee said !echo \\u0000"


@pytest.mark.promise("router.20")
async def test_a_trigger_posts_its_own_platform_only(town: Town) -> None:
    event = town.event("hello")
    with pytest.raises(Forbidden):
        await town.inst.client("twitch").call("router", router.INGEST, router.batch_of([event]))
    with pytest.raises(Forbidden):
        await town.inst.client("memories").call("router", router.INGEST, router.batch_of([event]))
    serve = town.inst.services["router"].serve
    with pytest.raises(Unauthenticated):
        await serve(router.INGEST.key, "", b"{}")
    meant_for_another = town.portal._tokens.issue("memories")
    with pytest.raises(Unauthenticated):
        await serve(router.INGEST.key, meant_for_another, b"{}")


@pytest.mark.promise("router.3")
async def test_above_the_backlog_limit_triggers_are_asked_to_wait(town: Town) -> None:
    ingest = town.inst.services["router"].app.extensions["router"].ingest
    ingest._limit, ingest._since_check = 0, 1_000
    response = (
        await town.inst.app("router")
        .test_client()
        .post(
            "/api/v1/events",
            data=msgspec.json.encode(router.batch_of([town.event("hello")])),
            headers={"Authorization": f"Bearer {town.portal._tokens.issue('router')}"},
        )
    )
    assert response.status_code == 429
    assert response.headers["Retry-After"] == "1"
    ingest._limit = 1_000
    assert await town.ask("!echo later") == "Dee said !echo later"


async def test_modules_that_listen_get_events_without_their_text(town: Town) -> None:
    heard: list[module.ScoredEvent] = []

    @town.echo.offers(module.EVENTS)
    async def take(asked: module.EventBatch, _: object) -> module.EventsTaken:
        heard.extend(asked.events)
        return module.EventsTaken(len(asked.events))

    follow = Event(
        "console:follow:1", MessageType.FOLLOW, town.channel, datetime.now(UTC), town.event("x").account, "secret"
    )
    await town.portal.client.call("router", router.INGEST, router.batch_of([follow]))
    (scored,) = await until(lambda: heard)
    assert (scored.event.event_id, scored.event.text, scored.text_length) == ("console:follow:1", "", 6)
    assert (scored.community_id, scored.simulated, scored.scores) == (town.community_id, True, False)


@pytest.mark.promise("router.14")
async def test_what_a_module_missed_arrives_when_it_is_back(town: Town) -> None:
    follow = Event("console:follow:2", MessageType.FOLLOW, town.channel, datetime.now(UTC), town.event("x").account)
    await town.portal.client.call("router", router.INGEST, router.batch_of([follow]))
    assert await town.ask("!echo while it is away") == "Dee said !echo while it is away"
    heard: list[module.ScoredEvent] = []

    @town.echo.offers(module.EVENTS)
    async def take(asked: module.EventBatch, _: object) -> module.EventsTaken:
        heard.extend(asked.events)
        return module.EventsTaken(len(asked.events))

    await until(lambda: heard)
    assert [scored.event.event_id for scored in heard] == ["console:follow:2"]


async def test_unasked_actions_are_done_once_per_key(town: Town) -> None:
    asked = router.ActionsRequest(
        town.community_id, router.Target(channel=town.channel), "reminder:1", (Chat("tea"), Ticker("tea"))
    )
    echo = town.echo.client
    first = await echo.call("router", router.ACT, asked)
    again = await echo.call("router", router.ACT, asked)
    assert [state.delivery_id for state in first.deliveries] == [state.delivery_id for state in again.deliveries]
    await until(lambda: town.said and town.shown)
    assert [delivery.action.text for delivery in town.said] == ["tea"]
    assert [display.stage for display in town.shown] == ["preview"]
    states = await echo.call("router", router.ACTIONS, router.ActionKey("reminder:1"))
    await until(lambda: len(states.deliveries) == 2)
    other = msgspec.structs.replace(asked, actions=(Ticker("x"),))
    with pytest.raises(Conflict):
        await echo.call("router", router.ACT, other)
    with pytest.raises(NotFound):
        await town.portal.client.call("router", router.ACTIONS, router.ActionKey("reminder:1"))


async def test_a_private_line_that_is_refused_becomes_its_public_form(town: Town) -> None:
    town.refuses = module.DeliveryStatus.UNSUPPORTED
    action = Chat("your secret", private=True, public_fallback="@dee, a private reminder is due.")
    asked = router.ActionsRequest(
        town.community_id, router.Target(channel=town.channel), "r:2", (action,), private=True
    )
    await town.echo.client.call("router", router.ACT, asked)
    (delivery,) = await until(lambda: town.said)
    assert delivery.action.text == "@dee, a private reminder is due."


async def test_actions_wait_for_their_time(town: Town) -> None:
    soon = datetime.now(UTC) + timedelta(seconds=0.5)
    asked = router.ActionsRequest(
        town.community_id, router.Target(channel=town.channel), "later:1", (Chat("now"),), not_before=soon
    )
    states = await town.echo.client.call("router", router.ACT, asked)
    assert states.deliveries[0].state == "waiting"
    await until(lambda: town.said)
    assert datetime.now(UTC) >= soon


@pytest.mark.parametrize(
    "target", [router.Target(), router.Target(channel="nowhere"), router.Target(member_id="nobody")]
)
async def test_actions_need_a_place_that_exists(town: Town, target: router.Target) -> None:
    asked = router.ActionsRequest(town.community_id, target, "x:1", (Chat("hi"),))
    with pytest.raises((InvalidInput, NotFound)):
        await town.echo.client.call("router", router.ACT, asked)


async def test_modules_are_switched_by_admins_and_stay_so(town: Town) -> None:
    switch = router.PutEnablement(town.community_id, "echo", False)
    client = town.portal.client
    state = await client.call("router", router.ENABLE, switch, acting=town.owner)
    assert not state.enabled
    assert await town.ask("!echo hi") == "echo is off here."
    on = router.PutEnablement(town.community_id, "echo", True, town.channel)
    await client.call("router", router.ENABLE, on, acting=town.owner)
    assert await town.ask("!echo hi", user="ben") == "Ben said !echo hi"
    locked = router.PutEnablement(town.community_id, "identity", False)
    await town.inst.client("identity").call("router", router.INTRODUCE, identity_manifest())
    with pytest.raises(Conflict):
        await client.call("router", router.ENABLE, locked, acting=town.owner)
    stranger = Acting("person-eve", datetime.now(UTC), town.community_id, Role.OWNER)
    with pytest.raises(Forbidden):
        await client.call("router", router.ENABLE, switch, acting=stranger)


def identity_manifest() -> router.Introduction:
    """identity, as it introduces itself."""
    return router.Introduction("identity", router.Manifest("identity", "1", "core", "", "one"))


async def test_the_owner_switches_modules_in_chat(town: Town) -> None:
    assert await town.ask("!module off echo") == "Only admins can do that. You are viewer here."


async def test_help_and_commands(town: Town) -> None:
    assert "!help <command> explains one" in await town.ask("!help")
    assert (await town.ask("!help echo", user="ben")).startswith("!echo [text]: Say it again. For everybody")
    assert await town.ask("!help ecco", user="cy") == "There is no command of that name. Did you mean !echo?"
    assert await town.ask("!commands echo", user="eve") == "!echo, !slow"
    assert "(page 1/" in await town.ask("!commands", user="fay")


async def test_a_taken_command_word_is_refused(town: Town) -> None:
    thief = router.Manifest(
        "thief", "1", "interaction", "", "one", commands=(router.CommandCard("echo", "x", "!echo"),)
    )
    with pytest.raises(Conflict):
        await town.inst.client("thief").call("router", router.INTRODUCE, router.Introduction("thief", thief))
    with pytest.raises(Forbidden):
        await town.inst.client("thief").call("router", router.INTRODUCE, router.Introduction("echo", thief))


async def test_modules_and_traces_are_listed(town: Town) -> None:
    await town.ask("!echo hi")
    listed = await town.portal.client.call("router", router.MODULES, router.Nothing())
    echo = next(state for state in listed.items if state.manifest.name == "echo")
    assert (echo.instances, echo.healthy) == (1, True)
    traces = await town.portal.client.call("router", router.TRACES, router.ListTraces(town.community_id, q="echo"))
    assert [(trace.command, trace.outcome, trace.text) for trace in traces.items] == [("echo", "said", "!echo hi")]
    fewest = router.ListTraces(town.community_id, limit=-5)
    assert len((await town.portal.client.call("router", router.TRACES, fewest)).items) == 1
    one = router.TraceOf(town.community_id, traces.items[0].event_id)
    assert (await town.portal.client.call("router", router.TRACE, one)).deliveries[0].state in {"waiting", "done"}
    with pytest.raises(NotFound):
        await town.portal.client.call("router", router.TRACE, router.TraceOf(1, traces.items[0].event_id))
    await town.echo.client.call("router", router.LEAVE, router.InstanceName("echo", "one"))
    state = await town.portal.client.call("router", router.STATE, router.Nothing())
    assert state.dead == 0


async def test_refusals_have_one_shape_over_http(town: Town) -> None:
    client = town.inst.app("router").test_client()
    for response in (await client.post("/api/v1/events"), await client.get("/api/v1/modules")):
        assert response.status_code == 401
        assert set(await response.get_json()) == {"error", "message", "details"}
    missing = await client.get("/nothing/here")
    assert (missing.status_code, (await missing.get_json())["error"]) == (404, "not_found")
    assert (await client.get("/health")).status_code == 200
    assert (await (await client.get("/ready")).get_json()) == {"ready": True, "missing": {}}
    assert "paths" in await (await client.get("/openapi.json")).get_json()
    assert b"waddlebot_operations_total" in await (await client.get("/metrics")).get_data()


async def test_a_module_is_told_with_its_processes(town: Town) -> None:
    operator = Acting("person-ann", datetime.now(UTC), operator=True)
    told = await town.portal.client.call("router", router.MODULE, router.ModuleName("echo"), acting=operator)
    assert (told.state.manifest.name, told.state.healthy, told.external) == ("echo", True, False)
    assert [one.instance for one in told.instances] == ["one"]
    with pytest.raises(NotFound):
        await town.portal.client.call("router", router.MODULE, router.ModuleName("chess"), acting=operator)
    with pytest.raises(Forbidden):
        await town.portal.client.call("router", router.MODULE, router.ModuleName("echo"), acting=town.owner)


async def test_operators_see_what_waits_and_why(town: Town) -> None:
    await town.ask("!echo hi")
    await town.router.deliveries.settle()

    town.refuses = module.DeliveryStatus.RATE_LIMITED
    await town.write("!why", user="ben", moderator=True)
    state = await held_back(town)
    assert state.held_back == (router.HeldBack("portal", "The platform's limit is reached.", 1),)
    assert state.deliveries == {"portal": {"done": 1, "waiting": 1}}
    assert state.limit == 5_000


async def held_back(town: Town) -> router.RouterState:
    """The operator's numbers, as soon as a delivery was held back."""
    async with asyncio.timeout(10):
        # Nothing tells that a delivery was put off; the question has to be asked again.
        while not (state := await town.portal.client.call("router", router.STATE, router.Nothing())).held_back:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    return state
