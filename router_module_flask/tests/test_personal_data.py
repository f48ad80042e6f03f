"""What is given out, erased and joined when a person asks for it, leaves, or links accounts."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest
import pytest_asyncio

from flask_core.contracts import module, nukes, router
from flask_core.datamodels import Chat, MessageType, Moderate
from flask_core.testing.installation import until
from router_module_flask.tests.conftest import Town


@pytest_asyncio.fixture
async def busy(town: Town) -> Town:
    """Dee and Eve wrote and followed, and Dee was reminded of something."""
    for user in ("dee", "eve"):
        assert await town.ask(f"!echo {user} was here", user=user) == f"{user.capitalize()} said !echo {user} was here"
        await town.happens(MessageType.FOLLOW, user)
    tea = router.ActionsRequest(
        town.community_id, router.Target(channel=town.channel, account=("console", "dee")), "tea", (Chat("tea, dee"),)
    )
    await town.echo.client.call("router", router.ACT, tea)
    await until(lambda: town.said[-1].action.text == "tea, dee")
    return town


def person(town: Town, user: str) -> module.PersonAccounts:
    members = {run.member.id for run in town.runs if run.member.account.user_id == user}
    return module.PersonAccounts("r1", (("console", user),), tuple(members), f"person-{user}")


async def traces(town: Town) -> list[tuple[str, str]]:
    found = await town.portal.client.call("router", router.TRACES, router.ListTraces(town.community_id))
    return sorted((trace.speaker, trace.text) for trace in found.items)


async def leftovers(town: Town, word: str) -> dict[str, int]:
    """In how many rows of each table a word is still found."""
    tables = {
        "traces": "steps", "messages": "text", "deliveries": "body", "listener_queue": "body", "event_log": "body",
    }  # fmt: skip
    database = town.inst.services["router"].database
    pattern = f"%{word}%"
    return {
        table: await database.read(
            lambda tx, table=table, column=column: tx.value(
                f"SELECT count(*) FROM {table} WHERE lower({column}) LIKE ?", pattern
            )
        )
        for table, column in tables.items()
    }


@pytest.mark.promise("router.24")
async def test_erasing_takes_one_member_and_nobody_else(busy: Town) -> None:
    erase = person(busy, "dee")
    identity = busy.inst.client("identity")
    counts = (await identity.call("router", module.ERASE, erase)).counts
    expected = {"messages": 1, "traces": 2, "module_runs": 1, "deliveries": 2, "listener_queue": 1}
    assert {table: counts[table] for table in expected} == expected
    assert await traces(busy) == [("Eve", ""), ("Eve", "!echo eve was here")]
    assert set((await leftovers(busy, "dee")).values()) == {0}
    assert (await leftovers(busy, "eve"))["deliveries"] == 1
    again = await identity.call("router", module.ERASE, erase)
    assert set(again.counts.values()) == {0}
    assert again.kept == {}


@pytest.mark.promise("router.24")
async def test_a_dead_letter_goes_with_its_author_only(busy: Town) -> None:
    database, now = busy.inst.services["router"].database, datetime.now(UTC)
    event = busy.event("hello from dee_x", "dee_x")
    dead = (event.event_id, event.channel, msgspec.json.encode(event).decode(), "dead", 5, "", now, now)
    await database.write(
        lambda tx: tx.run(
            "INSERT INTO event_log (event_id, channel, body, status, attempts, lease_owner, leased_until, received_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            *dead,
        )
    )
    nearly = module.PersonAccounts("r2", (("console", "deeXx"), ("twitch", "dee_x")))
    identity = busy.inst.client("identity")
    assert (await identity.call("router", module.ERASE, nearly)).counts["event_log"] == 0
    author = module.PersonAccounts("r3", (("console", "dee_x"),))
    assert (await identity.call("router", module.ERASE, author)).counts["event_log"] == 1


@pytest.mark.promise("router.24")
async def test_whom_a_nuke_hit_is_told_and_erased(busy: Town) -> None:
    made = await busy.router.chatting.nukes.make(nukes.MakeNuke(busy.community_id, "text", "was here"), "max")
    assert (made.messages, made.accounts) == (2, 2)
    await until(lambda: {one.action.target for one in busy.said if isinstance(one.action, Moderate)} == {"dee", "eve"})
    identity, dee = busy.inst.client("identity"), person(busy, "dee")
    (row,) = (await identity.call("router", module.EXPORT, dee)).tables["nuke_acts"]
    assert (row["act"], row["number"], row["channel"]) == ("timeout", 1, busy.channel)
    assert (await identity.call("router", module.ERASE, dee)).counts["nuke_acts"] == 1
    assert (await leftovers(busy, "dee"))["deliveries"] == 0
    undone = await busy.router.chatting.nukes.undo(busy.community_id, 1, "max")
    assert (undone.lifted, undone.left) == (1, 0)
    ended = module.CommunityOnly(busy.community_id)
    counts = (await busy.inst.client("community").call("router", module.ERASE_COMMUNITY, ended)).counts
    assert (counts["nukes"], counts["nuke_acts"], counts["audit"]) == (1, 1, 2)


async def test_people_get_what_is_theirs(busy: Town) -> None:
    tables = (await busy.inst.client("identity").call("router", module.EXPORT, person(busy, "dee"))).tables
    assert [row["text"] for row in tables["messages"]] == ["!echo dee was here"]
    assert [(row["message_type"], row["speaker"]) for row in tables["traces"]] == [
        ("chatMessage", "Dee"),
        ("follow", "Dee"),
    ]
    assert [row["command"] for row in tables["module_runs"]] == ["echo"]
    assert [row["text"] for row in tables["deliveries"]] == ["Dee said !echo dee was here", "tea, dee"]


async def test_who_pressed_a_switch_stays_as_an_id_and_is_said_to(busy: Town) -> None:
    switch = router.PutEnablement(busy.community_id, "echo", False)
    await busy.portal.client.call("router", router.ENABLE, switch, acting=busy.owner)
    ann = module.PersonAccounts("r4", (), ("person-ann",), "person-ann")
    receipt = await busy.inst.client("identity").call("router", module.ERASE, ann)
    assert receipt.kept["audit"].startswith("who changed what")


async def test_rows_of_two_members_that_become_one_are_joined(busy: Town) -> None:
    (dee,), (eve,) = person(busy, "dee").member_ids, person(busy, "eve").member_ids
    merge = module.MergeMembers("m1", busy.community_id, dee, eve)
    community = busy.inst.client("community")
    receipt = await community.call("router", module.MERGE, merge)
    moved = {table: count for table, count in receipt.counts.items() if count}
    assert moved == {"messages": 1, "module_runs": 1, "traces": 2}
    assert (await community.call("router", module.UNMERGE, merge)).counts == {}
    tables = (await busy.inst.client("identity").call("router", module.EXPORT, person(busy, "eve"))).tables
    assert len(tables["messages"]) == 2


async def test_a_community_that_ended_is_gone(busy: Town) -> None:
    other = module.CommunityOnly(busy.community_id + 1_000)
    community = busy.inst.client("community")
    assert set((await community.call("router", module.ERASE_COMMUNITY, other)).counts.values()) == {0}
    choice = module.PutSettings(busy.community_id, {"message_hours": 1}, 0)
    await busy.portal.client.call("router", module.PUT_SETTINGS, choice, acting=busy.owner)
    ended = module.CommunityOnly(busy.community_id)
    counts = (await community.call("router", module.ERASE_COMMUNITY, ended)).counts
    assert (counts["messages"], counts["traces"], counts["deliveries"], counts["community_settings"]) == (2, 4, 3, 1)
    assert await traces(busy) == []
    assert set((await leftovers(busy, "dee")).values()) == {0}
