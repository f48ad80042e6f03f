"""What becomes of reminders that are refused, that fail, that end, and that were kept by an earlier version."""

from __future__ import annotations

import secrets
from datetime import timedelta
from pathlib import Path

import pytest

from flask_core.contracts import community
from flask_core.contracts.module import EventBatch, ScoredEvent
from flask_core.database import AsyncDAL
from flask_core.datamodels import Chat, Event, MessageType
from flask_core.migrations import SHARED_FOLDER, migrate
from flask_core.testing.databases import forget_schema
from memories_interaction_module_flask.models import Reminder
from memories_interaction_module_flask.tests.conftest import FOLDER, START, World

MOD = {"role": "moderator", "user": "ben"}


async def kept(world: World, number: int = 1) -> Reminder:
    reminder = await world.memories.reminding.reminders.repository.one(2, number)
    assert reminder is not None
    return reminder


@pytest.mark.promise("memories.10")
async def test_what_failed_is_said_under_another_key(world: World) -> None:
    await world.chat.say("!remind me in 10m tea")
    world.router.states["mem-2-1-1"] = "failed"
    await world.time_passes(minutes=10)
    assert (await kept(world)).status == "waiting"
    await world.time_passes(seconds=15)
    assert list(world.router.asked) == ["mem-2-1-1", "mem-2-1-1#2"]
    assert (await kept(world)).status == "delivered"


@pytest.mark.promise("memories.10")
async def test_what_was_perhaps_said_is_not_said_again(world: World) -> None:
    await world.chat.say("!remind me in 10m tea")
    world.router.state = "unknown"
    await world.time_passes(minutes=10)
    await world.time_passes(hours=1)
    assert list(world.router.asked) == ["mem-2-1-1"]
    assert (await kept(world)).status == "unconfirmed"


async def test_a_refused_one_goes_to_another_account_privately(world: World) -> None:
    await world.chat.say("!remind me in 10m tea", user="grace")
    world.router.accounts = (
        community.MemberAccount("twitch", "grace"), community.MemberAccount("discord", "77"),
        community.MemberAccount("slack", "U1"),
    )  # fmt: skip
    world.router.states |= {"mem-2-1-1": "not_permitted", "mem-2-1-1#2": "unsupported"}
    await world.time_passes(minutes=10)
    for _ in range(3):
        await world.time_passes(minutes=1)
    targets = [(request.target.account, request.private) for request in world.router.asked.values()]
    assert targets[1:] == [(("discord", "77"), True), (("slack", "U1"), True)]
    last = list(world.router.asked.values())[-1].actions[0]
    assert isinstance(last, Chat)
    assert (last.private, last.public_fallback) == (True, "")
    assert (await kept(world)).status == "delivered"


async def test_nobody_else_gets_what_a_channel_refused(world: World) -> None:
    await world.chat.say("!remind here every day at 18:00 raid", **MOD)
    world.router.state = "not_permitted"
    world.router.accounts = (community.MemberAccount("discord", "77"),)
    await world.time_passes(hours=1)
    assert len(world.router.asked) == 1
    again = await kept(world)
    assert (again.status, again.last_error, f"{again.due_at:%d %H:%M}") == (
        "waiting",
        "The platform said no.",
        "12 18:00",
    )


async def test_a_recurring_one_asks_before_it_ends_and_ends(world: World) -> None:
    await world.chat.say("!remind me every wed 18:00 tea", user="grace")
    assert (await kept(world)).ends_at == START + timedelta(days=365)
    await world.time_passes(hours=1)
    for _ in range(55):
        await world.time_passes(weeks=1)
    said = world.router.said
    assert len(said) == 53
    asked = [(number, text) for number, text in enumerate(said, start=1) if "This ends on" in text]
    assert [number for number, _ in asked] == [52]
    assert asked[0][1].endswith("(This ends on 11 Mar 2027. To go on: !reminder renew R1)")
    assert (await kept(world)).status == "delivered"


async def test_a_renewed_one_goes_on(world: World) -> None:
    await world.chat.say("!remind me every day at 18:00 tea", user="grace")
    await world.chat.say("!remind me in 1h coffee", user="grace")
    world.later(days=10)
    assert await world.chat.say("!reminder renew R1", user="eve") == "R1 is not yours."
    assert await world.chat.say("!reminder renew R1", user="grace") == "R1 goes on until 21 Mar 2027."
    assert await world.chat.say("!reminder renew R2", user="grace") == "R2 comes only once."
    await world.chat.say("!reminder cancel R1", user="grace")
    assert await world.chat.say("!reminder renew R1", user="grace") == "R1 is over already."


async def test_reminders_of_the_first_version_are_kept(database_url: str, tmp_path: Path) -> None:
    first = tmp_path / "memories_interaction_module_flask" / "schema"
    first.mkdir(parents=True)
    (first / "0001_first.sql").write_text((FOLDER / "schema" / "0001_first.sql").read_text())
    schema = f"test_{secrets.token_hex(6)}"
    migrate(database_url, schema, [SHARED_FOLDER, first])
    async with AsyncDAL(database_url, schema=schema).connected() as database:
        await database.write(
            lambda tx: tx.run(
                "INSERT INTO reminders (community_id, number, owner, owner_name, platform, user_id, channel, target,"
                " text, private, rule, wall, zone, started_at, occurrence, status, due_at, claimed_by, claimed_until,"
                " attempts, last_error, created_at) VALUES (2, 7, 'm', 'Grace', 'twitch', '1', 'twitch:1:1', 'me',"
                " 'tea', ?, '', '', 'UTC', ?, 3, 'waiting', ?, '', ?, 0, '', ?)",
                False, START, START, START, START,
            )
        )  # fmt: skip
    migrate(database_url, schema, [SHARED_FOLDER, FOLDER / "schema"])
    async with AsyncDAL(database_url, schema=schema).connected() as database:
        found = await database.read(
            lambda tx: tx.row("SELECT number, text, due_at, claimed_until, expires_at, ends_at, id FROM reminders")
        )
    assert found is not None
    day = timedelta(days=1)
    assert found[:6] == (7, "tea", START, START, START + day, START + 365 * day)
    forget_schema(database_url, schema)


async def test_a_channel_can_be_reminded_only_while_it_is_live(world: World) -> None:
    channels = world.memories.reminding.channels

    async def told(live: bool, *, minutes: int) -> None:
        kind = MessageType.STREAM_ONLINE if live else MessageType.STREAM_OFFLINE
        event = Event(f"e{minutes}", kind, "twitch:1:1", START + timedelta(minutes=minutes))
        await channels.hear(EventBatch((ScoredEvent(event, 2),)))

    await world.memories.settings.write(2, {"channel_reminders": "online"}, 0)
    await world.chat.say("!remind here every day at 18:00 raid", channel="twitch:1:1", **MOD)
    await world.chat.say("!remind me every day at 18:00 tea", channel="twitch:1:1", user="grace")
    await world.time_passes(hours=1)
    assert sorted(world.router.said) == ["@grace, you wanted to be reminded: tea", "raid"]
    await told(False, minutes=20)
    await told(True, minutes=10)
    await world.time_passes(days=1)
    assert world.router.said.count("raid") == 1
    assert len(world.router.said) == 3
    await told(True, minutes=30)
    await world.time_passes(days=1)
    assert world.router.said.count("raid") == 2
    await told(False, minutes=40)
    await world.chat.say("!remind here in 1h once", channel="twitch:1:1", **MOD)
    await world.time_passes(hours=1)
    assert (await kept(world, 3)).status == "skipped"
    await world.memories.settings.write(2, {}, 1)
    await world.time_passes(days=1)
    assert "raid (late by 60 min)" in world.router.said
