"""What a community decides about chat holds for every line, and costs nothing where it is known."""

from __future__ import annotations

from datetime import timedelta

import pytest

from flask_core.datamodels import CommandCard, EventInterest, Manifest, MessageType, Role
from flask_core.shared_memory import MemoryState
from router_module_flask.customs.known import Customs, KnownCustoms, Terms
from router_module_flask.tests.fakes import CHANNEL, FakeCustoms, World, chat_event


async def test_one_more_prefix_works_beside_the_first() -> None:
    world = World()
    world.decide(prefix="?!")
    assert await world.say("?!quote 1") == "ran quote"
    assert await world.say("!quote 1", user="ben") == "ran quote"
    assert await world.say("?quote 1", user="cy") == ""
    assert await world.say("?!", user="eve") == ""
    world.decide(prefix="→")
    assert await world.say("→quote 1", user="fay") == "ran quote"


async def test_what_is_no_command_is_met_with_silence_or_a_pointer() -> None:
    world = World()
    assert await world.say("!qoute 1") == ""
    world.decide(unknown_command="pointer", prefix="~")
    pointer = "There is no such command here. !commands lists what you may use."
    assert await world.say("!qoute 1") == pointer
    assert await world.say("!qoute 1") == "", "it was said a moment ago"
    assert await world.say("~qoute", user="ben") == pointer
    for line in ("!", "!!!", "!?", "#qoute", "hello", "@somebody !"):
        assert await world.say(line, user="cy") == "", line


async def test_who_is_pointed_to_commands_is_still_heard_by_modules() -> None:
    world = World()
    world.decide(unknown_command="pointer")
    hears = (EventInterest(MessageType.CHAT),)
    world.directory.take(Manifest("ears", "1", "interaction", "", "one", events=hears))
    assert "There is no such command here." in await world.say("!qoute 1")
    assert [module for module, _ in world.modules.asked] == ["ears"]


@pytest.mark.parametrize(
    ("style", "said", "private"), [("reply", True, False), ("private", True, True), ("silent", False, False)]
)
async def test_refusals_are_told_as_the_community_wants(style: str, said: bool, private: bool) -> None:
    world = World()
    world.decide(refusals=style)
    assert bool(await world.say("!reset")) is said
    assert world.outcome == "refused"
    assert [out.action.private for out in world.records.finished[-1].outgoing] == [private] * said
    await world.say("!so", user="ben")
    assert bool(await world.say("!so", user="ben")) is said
    assert world.outcome == "cooldown"


async def test_bots_are_watched_and_nothing_else_unless_the_channel_allows_them() -> None:
    world = World()
    assert await world.say("!quote", user="nightbot", bot=True) == ""
    assert world.outcome == "bot"
    world.contexts.labels["streamelements"] = ("bot",)
    assert await world.say("!quote", user="streamelements") == ""
    assert world.outcome == "bot"
    world.decide(bots_allowed_in=("console:2:other",))
    assert await world.say("!quote", user="nightbot", bot=True) == ""
    world.decide(bots_allowed_in=(CHANNEL,))
    assert await world.say("!quote", user="nightbot", bot=True) == "ran quote"
    assert await world.say("!quote", user="streamelements") == "ran quote"
    assert await world.say("!quote", user="us", bot=True, data={"own_action": True}) == ""


async def test_moderators_do_not_wait_unless_the_community_wants_that() -> None:
    world = World()
    for _ in range(2):
        assert await world.say("!quote 1", user="ben", moderator=True) == "ran quote"
    world.decide(moderators_skip_cooldowns=False)
    assert await world.say("!quote 1", user="ben", moderator=True) == "ran quote"
    assert await world.say("!quote 1", user="ben", moderator=True) == "Ready in 10 s."


async def test_a_renamed_command_is_found_by_both_names() -> None:
    world = World()
    world.change("!quote add", rename="remember this")
    world.contexts.assigned["ben"] = Role.MODERATOR
    assert await world.say("!remember this joke", user="ben") == "ran quote add"
    assert world.modules.asked[-1][1].arguments == {"text": "joke"}
    assert world.modules.asked[-1][1].invoked_as == "remember this"
    assert await world.say("!quote add x", user="ben") == "ran quote add"
    assert await world.say("!remember this", user="ben") == "Usage: !remember this <text>"
    assert await world.say("!remember", user="ben") == ""


async def test_a_name_of_the_community_comes_before_the_words_of_a_module() -> None:
    world = World()
    world.change("!so", rename="shout")
    assert await world.say("!shout") == "ran so"
    late = CommandCard("shout", "Shout.", "!shout")
    world.directory.take(Manifest("loud", "1", "interaction", "", "one", commands=(late,)))
    world.now += 60
    assert await world.say("!shout") == "ran so"


async def test_role_cooldowns_and_channels_of_a_command_are_the_communitys() -> None:
    world = World()
    world.change("!quote", role=Role.VIP, member=60.0, channels=(CHANNEL,))
    assert await world.say("!quote") == "Only vips can do that. You are viewer here."
    assert await world.say("!quote", user="vic", vip=True) == "ran quote"
    world.now += 11
    assert await world.say("!quote", user="vic", vip=True) == "Ready in 49 s."
    other = chat_event("!quote", "val", channel="console:2:other", vip=True)
    assert await world.happens(other) == "!quote does not work in this channel."


async def test_a_bucket_that_nobody_touched_is_the_modules() -> None:
    world = World()
    world.change("!so", everywhere=0.0)
    assert await world.say("!so") == "ran so"
    assert await world.happens(chat_event("!so", "ben", channel="console:2:other")) == "ran so"
    assert await world.say("!so", user="ben") == "Ready in 10 s."


@pytest.mark.promise("router.12")
async def test_what_is_not_paid_for_any_more_ends_on_the_minute() -> None:
    world = World()
    world.customs.states["memories", ""] = True
    world.customs.terms["memories"] = Terms(entitled_until=world.wall_clock + timedelta(minutes=1))
    assert await world.say("!quote") == "ran quote"
    world.wall_clock += timedelta(seconds=59)
    assert await world.say("!quote", user="ben") == "ran quote"
    world.wall_clock += timedelta(seconds=1)
    assert await world.say("!quote", user="cy") == "memories is not paid for any more."
    assert world.customs.read == 1, "it ends by itself, not because somebody tells"


async def test_what_is_paused_says_why() -> None:
    world = World()
    world.customs.terms["memories"] = Terms(paused="memories waits for its vendor.")
    assert await world.say("!quote") == "memories waits for its vendor."
    world.customs.states["memories", CHANNEL] = False
    world.directory.forget_customs(2)
    assert await world.say("!quote", user="ben") == "memories is off here."


async def test_what_is_known_is_not_read_again_for_a_minute() -> None:
    world = World()
    for number in range(20):
        await world.say("hello", user=f"user{number}")
    assert world.customs.read == 1
    world.now += 61
    await world.say("hello")
    assert world.customs.read == 2


async def test_a_change_reaches_other_replicas_by_topic() -> None:
    shared, rows = MemoryState(), FakeCustoms()
    here, there = KnownCustoms(rows, shared), KnownCustoms(rows, shared)
    await there.of(2)
    async with shared.subscribe("router.customs") as messages:
        await here.changed(2)
        topic, message = await anext(messages)
    there.forget(int(message))
    assert topic == "router.customs"
    assert there.known(2) is None


async def test_what_changed_while_it_was_read_is_read_again() -> None:
    class Slow(FakeCustoms):
        async def of(self, community_id: int) -> Customs:
            found = await super().of(community_id)
            if self.read == 1:
                known.forget(community_id)
            return found

    rows = Slow()
    known = KnownCustoms(rows, MemoryState())
    await known.of(2)
    assert known.known(2) is None
    await known.of(2)
    assert (known.known(2) is not None, rows.read) == (True, 2)
