"""What other modules answer when a text asks them."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import cast

from alias_interaction_module_flask.fetching.fetching import Errand, Fetching
from alias_interaction_module_flask.tests.conftest import START, World
from alias_interaction_module_flask.tests.telling import channels, on_air, said
from flask_core.contracts import desk, identity, memories
from flask_core.errors import Conflict, NotFound


async def test_a_stream_is_the_communitys_own_or_the_one_that_is_named(world: World) -> None:
    channels(world, "discord:1:2", "twitch:7:7")
    on_air(world, title="Chess night", category="Chess", live=True, viewers=42, started_at=START - timedelta(hours=2))
    assert await said(world, "$(title): $(game), $(uptime)") == "Chess night: Chess, 2 hours"
    assert await said(world, "$(title $(1))", "@Penguins") == "Chess night"
    assert "Chess night" not in await said(world, "$(title $(1))", "nobody")
    assert await said(world, "$(channel.viewers)") == "42"


async def test_without_a_stream_there_is_nothing_to_tell(world: World) -> None:
    channels(world, "discord:1:2")
    on_air(world)
    assert await said(world, "[$(channel.viewers)]") == "[]"


async def test_people_are_found_by_their_names(world: World) -> None:
    def resolve(asked: identity.ResolveName) -> identity.Resolved:
        if asked.text != "grace":
            raise NotFound("Nobody.") if asked.text == "nobody" else Conflict("Several.")
        return identity.Resolved("console", "9", "grace", "Grace")

    world.others.answers[identity.ResolveName] = resolve
    seen = desk.MemberActivity(START - timedelta(minutes=13, seconds=15), START - timedelta(hours=1))
    world.others.answers[desk.ActivityOf] = lambda asked: (
        seen if asked.account == "console:9" else desk.MemberActivity()
    )
    assert await said(world, "$(user.name grace): $(user.lastseen grace)") == "grace: 13m 15s"
    assert await said(world, "$(user.lastseen nobody)") == "never"
    assert await said(world, "$(user.lastseen twins)") == "never"


async def test_chatters_and_quotes_are_asked_for(world: World) -> None:
    here = desk.Chatter("console", "9", "Grace", "member-9", START)
    world.others.answers[desk.WhoIsHere] = lambda _: desk.ChatterList((here,))
    world.others.answers[memories.RandomQuote] = lambda _: memories.Entry("quote", 4, "#4", content="ship it")
    assert await said(world, "$(random.chatter): $(quote)") == "Grace: #4 ship it"


async def test_no_quote_is_no_words(world: World) -> None:
    def none(_: memories.RandomQuote) -> memories.Entry:
        raise NotFound("No quotes yet.")

    world.others.answers[memories.RandomQuote] = none
    assert await said(world, "[$(quote)]") == "[]"


async def test_texts_are_kept_by_commands_of_moderators(world: World) -> None:
    refused = "$(var) changes something for all: give the command the role moderator, -role=moderator."
    assert await world.say("!cmd add motto $(var motto = $(query))") == refused
    await world.say("!cmd add setmotto -role=moderator $(var motto = $(query))")
    await world.say("!cmd add motto Our motto: $(var motto)")
    assert await world.runs("setmotto", "go on", role="moderator") == "go on"
    assert await world.runs("motto") == "Our motto: go on"


async def test_a_counter_beyond_its_bounds_says_so_in_the_text(world: World) -> None:
    await world.say(f"!counter set deaths {10**15}")
    assert "between" in await said(world, "Died $(count deaths) times")


class SlowPages:
    """Pages that never answer; how often they were asked."""

    def __init__(self) -> None:
        self.asked = 0

    async def text(self, _: Errand) -> str:
        self.asked += 1
        await asyncio.Event().wait()
        return ""


async def test_a_page_is_not_waited_for_while_others_wait_for_the_counter(world: World) -> None:
    pages = SlowPages()
    around = replace(world.parts.around, fetching=cast(Fetching, pages), held_seconds=0.01)
    running = world.parts.alias.running
    slow = replace(running, texts=replace(running.texts, around=around))
    world.chat.service = replace(world.parts.alias, running=slow)
    told = await said(world, "$(urlfetch https://pages.test/?n=$(count))")
    assert (told, pages.asked) == ("[urlfetch: timeout]", 1)
    assert await world.say("!counter x") == "x: 1"
