"""Who changed what, what ran, who is here, and what happens while somebody watches."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from flask_core.auth import ServiceTokens
from flask_core.contracts import desk, module, nukes, router
from flask_core.datamodels import MessageType, Role
from flask_core.errors import Forbidden, InvalidInput, NotFound, TooMany
from flask_core.news import looks
from flask_core.operations import Acting
from flask_core.shared_state import open_shared_state
from flask_core.testing.installation import SERVICE_KEY
from router_module_flask.desk.activity import MOST_STREAMS, Activity, Announcer
from router_module_flask.desk.activity_repository import ActivityRepository
from router_module_flask.tests.conftest import Town


async def audited(town: Town, **wanted: object) -> list[tuple[str, str, str, str, str]]:
    asked = msgspec.structs.replace(desk.ListAudit(town.community_id), **wanted)
    page = await town.portal.client.call("router", desk.AUDIT, asked, acting=town.owner)
    return [(one.actor, one.action, one.target, one.was, one.became) for one in page.items]


async def test_every_change_is_told_with_what_was_before(town: Town) -> None:
    call = town.portal.client.call
    for enabled in (False, True):
        switch = router.PutEnablement(town.community_id, "echo", enabled)
        await call("router", router.ENABLE, switch, acting=town.owner)
    await town.recorded(await town.write("free skins", "spam"))
    await call("router", nukes.NUKE, nukes.MakeNuke(town.community_id, "text", "free skins"), acting=town.owner)
    await call("router", nukes.UNDO, nukes.NukeOf(town.community_id, 1), acting=town.owner)
    settings = module.PutSettings(town.community_id, {"message_hours": 0}, 0)
    await call("router", module.PUT_SETTINGS, settings, acting=town.owner)
    ann = "person-ann"
    made = '{"accounts":1,"act":"timeout","messages":1,"seconds":600}'
    assert await audited(town) == [
        (ann, "settings.change", "router", '{"message_hours":null}', '{"message_hours":0}'),
        (ann, "nuke.undo", "#1", "", ""),
        (ann, "nuke.make", "#1", "", made),
        (ann, "module.switch", "echo", "false", "true"),
        (ann, "module.switch", "echo", "", "false"),
    ]
    assert [action for _, action, *_ in await audited(town, action="nuke")] == ["nuke.undo", "nuke.make"]
    assert await audited(town, actor="somebody") == []
    assert [action for _, action, *_ in await audited(town, page=2, per_page=2)] == ["nuke.make", "module.switch"]


async def test_a_moderator_does_not_read_the_audit(town: Town) -> None:
    moderator = Acting("person-ann", datetime.now(UTC), town.community_id, Role.MODERATOR)
    with pytest.raises(Forbidden):
        await town.portal.client.call("router", desk.AUDIT, desk.ListAudit(town.community_id), acting=moderator)


async def test_what_modules_ran_is_listed(town: Town) -> None:
    await town.ask("!echo one")
    await town.ask("!ping")
    call, here = town.portal.client.call, town.community_id
    page = await call("router", desk.EXECUTIONS, desk.ListExecutions(here, per_page=1))
    assert (page.total, [(one.module, one.command, one.outcome) for one in page.items]) == (
        2, [("router", "ping", "said")],
    )  # fmt: skip
    assert [
        one.command for one in (await call("router", desk.EXECUTIONS, desk.ListExecutions(here, "echo"))).items
    ] == ["echo"]
    failed = desk.ListExecutions(here, outcome="unavailable")
    assert (await call("router", desk.EXECUTIONS, failed)).items == ()
    assert (await call("router", desk.EXECUTIONS, desk.ListExecutions(here + 1))).total == 0


async def test_who_is_here_is_who_wrote(town: Town) -> None:
    await town.recorded(await town.write("hello", "dee"))
    await town.recorded(await town.write("hi", "eve"))
    await town.recorded(await town.write("again", "dee"))
    await town.happens(MessageType.FOLLOW, "finn")
    asked = desk.WhoIsHere(town.community_id, town.channel)
    found = (await town.echo.client.call("router", desk.CHATTERS, asked)).items
    assert [(one.platform, one.user_id, one.name) for one in found] == [
        ("console", "dee", "Dee"), ("console", "eve", "Eve"),
    ]  # fmt: skip
    elsewhere = desk.WhoIsHere(town.community_id, "console:9:other")
    assert (await town.echo.client.call("router", desk.CHATTERS, elsewhere)).items == ()
    with pytest.raises(InvalidInput):
        await town.echo.client.call("router", desk.CHATTERS, msgspec.structs.replace(asked, seconds=90_000))


async def test_when_somebody_was_last_here(town: Town) -> None:
    await town.recorded(await town.write("hello", "dee"))
    wrote = (await town.router.traces.newest(town.community_id))[0].occurred_at
    await town.happens(MessageType.FOLLOW, "dee")
    followed = (await town.router.traces.newest(town.community_id))[0].occurred_at
    call = town.echo.client.call
    dee = await call("router", desk.MEMBER_ACTIVITY, desk.ActivityOf(town.community_id, "console:dee"))
    assert (dee.last_seen, dee.last_active) == (followed, wrote)
    for stranger in (
        desk.ActivityOf(town.community_id, "twitch:dee"),
        desk.ActivityOf(town.community_id + 1, "console:dee"),
    ):
        assert await call("router", desk.MEMBER_ACTIVITY, stranger) == desk.MemberActivity()
    with pytest.raises(InvalidInput):
        await call("router", desk.MEMBER_ACTIVITY, desk.ActivityOf(town.community_id, "dee"))


async def happened(town: Town, after: str = "") -> list[desk.Happened]:
    asked = desk.ListActivity(town.community_id, after)
    return list((await town.portal.client.call("router", desk.ACTIVITY, asked, acting=town.owner)).items)


async def test_what_happened_just_now_goes_on_behind_an_event(town: Town) -> None:
    await town.ask("!echo hi")
    first = await town.recorded(await town.write("hello", "eve"))
    (echo, hello) = await happened(town)
    assert (echo.speaker, echo.text, echo.command, echo.outcome) == ("Dee", "!echo hi", "echo", "said")
    assert (hello.text, hello.outcome, hello.said) == ("hello", "plain", "Eve is viewer here")
    await town.recorded(await town.write("more", "eve"))
    assert "more" in [one.text for one in await happened(town, first.event_id)]
    assert first.event_id not in [one.event_id for one in await happened(town, first.event_id)]
    database = town.inst.services["router"].database
    long_ago = datetime.now(UTC) - timedelta(minutes=16)
    await database.write(lambda tx: tx.run("UPDATE traces SET occurred_at = ?", long_ago))
    assert await happened(town) == []


@asynccontextmanager
async def knock(town: Town, acting: Acting, after: str = "", community_id: int = 0) -> AsyncIterator[Any]:
    """The connection of somebody who follows what happens, over HTTP as a program would."""
    token = ServiceTokens("portal", SERVICE_KEY).issue("router", acting)
    headers = {"Authorization": f"Bearer {token}"} | ({"Last-Event-ID": after} if after else {})
    path = desk.STREAM.path.replace("{community_id}", str(community_id or town.community_id))
    async with asyncio.timeout(10), town.inst.app("router").test_client().request(path, headers=headers) as connection:
        await connection.send_complete()
        yield connection
        await connection.disconnect()


async def told(connection: Any, count: int) -> list[desk.Happened]:
    """The next events of a stream, without the comments that keep it open."""
    found: list[desk.Happened] = []
    while len(found) < count:
        lines = (await connection.receive()).split(b"\n")
        texts = [line.removeprefix(b"data: ") for line in lines if line.startswith(b"data: ")]
        found += [msgspec.json.decode(text, type=desk.Happened) for text in texts]
    return found


async def test_a_stream_tells_each_event_once_and_goes_on_after_a_break(town: Town) -> None:
    await town.recorded(await town.write("before", "dee"))
    async with knock(town, town.owner) as connection:
        assert [one.text for one in await told(connection, 1)] == ["before"]
        assert connection.headers["Content-Type"].startswith("text/event-stream")
        await town.write("one", "dee")
        await town.write("two", "eve")
        seen = await told(connection, 2)
        assert [one.text for one in seen] == ["one", "two"]
    await town.recorded(await town.write("missed", "dee"))
    async with knock(town, town.owner, after=seen[-1].event_id) as connection:
        assert "missed" in [one.text for one in await told(connection, 3)]


async def test_a_stream_is_for_moderators_of_that_community(town: Town) -> None:
    viewer = Acting("person-bob", datetime.now(UTC), town.community_id, Role.VIEWER)
    for acting, community_id, status in ((viewer, 0, 403), (town.owner, town.community_id + 1, 404)):
        async with knock(town, acting, community_id=community_id) as connection:
            await connection.receive()
            assert connection.status_code == status


async def test_streams_of_a_process_are_counted(town: Town) -> None:
    router_ = town.inst.services["router"]
    activity = Activity(ActivityRepository(router_.database), router_.shared)
    followers = [activity.follow(town.community_id, "") for _ in range(MOST_STREAMS)]
    await town.recorded(await town.write("hello", "dee"))
    for follower in followers:
        assert await anext(follower)
    with pytest.raises(TooMany):
        activity.check_room()
    await followers[0].aclose()
    activity.check_room()
    for follower in followers:
        await follower.aclose()


async def test_another_replica_hears_of_it_too(redis_url: str) -> None:
    here, there = open_shared_state(redis_url), open_shared_state(redis_url)
    announcer = Announcer(here)
    announcing = asyncio.create_task(announcer.run())
    heard = looks(there, desk.TOPIC_ACTIVITY, lambda told: 7 in msgspec.json.decode(told), seconds=60, quiet_seconds=10)
    assert await anext(heard)
    announcer.recorded({3, 7})
    async with asyncio.timeout(10):
        assert await anext(heard)
    await heard.aclose()
    announcing.cancel()
    for state in (here, there):
        await state.close()


async def dead_letter(town: Town, text: str) -> str:
    """An event that was given up; its id."""
    database, now = town.inst.services["router"].database, datetime.now(UTC)
    event = town.event(text, "dee")
    row = (event.event_id, event.channel, msgspec.json.encode(event).decode(), "dead", 5, "", now, now)
    await database.write(
        lambda tx: tx.run(
            "INSERT INTO event_log (event_id, channel, body, status, attempts, lease_owner, leased_until, received_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            *row,
        )
    )
    return event.event_id


async def test_an_operator_lets_a_dead_letter_be_read_again(town: Town) -> None:
    event_id = await dead_letter(town, "!echo hello")
    operator, call = msgspec.structs.replace(town.owner, operator=True), town.portal.client.call
    listed = await call("router", desk.DEAD_LETTERS, desk.Nothing(), acting=operator)
    (letter,) = listed.items
    assert (letter.event_id, letter.message_type, letter.channel, listed.total) == (
        event_id, "chatMessage", town.channel, 1,
    )  # fmt: skip
    assert b"hello" not in msgspec.json.encode(listed)
    replayed = await call("router", desk.REPLAY, desk.DeadLetterOf(letter.id), acting=operator)
    assert replayed.event_id == event_id
    # It is so late by now that it counts without an answer.
    assert (await town.recorded(event_id)).outcome == "late"
    assert town.runs == []
    with pytest.raises(NotFound):
        await call("router", desk.REPLAY, desk.DeadLetterOf(letter.id), acting=operator)
    (line,) = (await call("router", desk.INSTALLATION_AUDIT, desk.InstallationAudit(), acting=operator)).items
    assert (line.actor, line.action, line.target) == ("person-ann", "dead_letter.replay", event_id)


async def test_dead_letters_are_for_operators(town: Town) -> None:
    with pytest.raises(Forbidden):
        await town.portal.client.call("router", desk.DEAD_LETTERS, desk.Nothing(), acting=town.owner)
    operator = msgspec.structs.replace(town.owner, operator=True)
    with pytest.raises(NotFound):
        await town.portal.client.call("router", desk.REPLAY, desk.DeadLetterOf("1-x"), acting=operator)
