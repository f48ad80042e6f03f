"""Timers in chat: they speak where people talk, once, and say why when they do not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
import pytest_asyncio

from flask_core.contracts import community, module, timers
from flask_core.contracts.module import Priority
from flask_core.datamodels import MessageType, Role
from flask_core.errors import Conflict, InvalidInput, NotFound, ServiceError, Stale
from flask_core.testing.installation import until
from router_module_flask.tests.conftest import Town
from router_module_flask.timers.wiring import TimerParts, wire_timers

JOIN = "Join our Discord."


@dataclass
class Clock:
    """Replicas of the timers whose clock the test moves; the router's own job sleeps meanwhile."""

    town: Town
    now: datetime
    overloaded: bool = False

    def replica(self) -> TimerParts:
        """A job of its own, as another process has it."""
        router = self.town.router
        return wire_timers(
            router.service.database, router.service.services, router.contexts, router.deliveries,
            self.town.router.lines, "http://portal", now=lambda: self.now, overloaded=lambda: self.overloaded,
        )  # fmt: skip

    async def later(self, minutes: float) -> None:
        """Time passes, and the job looks whenever something is due."""
        end, job = self.now + timedelta(minutes=minutes), self.replica().job
        while (due := await self.next_due()) is not None and due <= end:
            self.now = max(due, self.now)
            await job.step()
        self.now = end
        await self.town.router.deliveries.settle()

    async def next_due(self) -> datetime | None:
        """When the job has something to do."""
        due: datetime | None = await self.town.inst.services["router"].database.read(
            lambda tx: tx.value(
                "SELECT claimed_until FROM timer_places WHERE status = 'waiting' ORDER BY claimed_until LIMIT 1"
            )
        )
        return due

    async def add(self, name: str = "discord", **settings: Any) -> timers.TimerView:
        """A moderator adds a timer."""
        defaults: dict[str, Any] = {"every": 900, "texts": (JOIN,)}
        asked = timers.AddTimer(self.town.community_id, name, timers.TimerSettings(**defaults | settings))
        return await self.call(timers.ADD_TIMER, asked)

    async def call(self, operation: Any, asked: Any) -> Any:
        return await self.town.portal.client.call("router", operation, asked, acting=self.town.owner)

    async def change(self, name: str = "discord", **more: Any) -> timers.TimerView:
        view: timers.TimerView = await self.call(
            timers.CHANGE_TIMER, timers.ChangeTimer(self.town.community_id, name, **more)
        )
        return view

    async def told(self, name: str = "discord") -> str:
        """What came of the last run."""
        view = await self.call(timers.TIMER, timers.TimerOf(self.town.community_id, name))
        return str(view.places[0].said)

    async def chatter(self, lines: int, user: str = "dee", **flags: Any) -> None:
        """Somebody writes so many lines."""
        for number in range(lines):
            await self.town.recorded(await self.town.write(f"line {number}", user, **flags))

    @property
    def said(self) -> list[str]:
        return [delivery.action.text for delivery in self.town.said]  # type: ignore[union-attr]


@pytest_asyncio.fixture
async def clock(town: Town) -> AsyncIterator[Clock]:
    yield Clock(town, datetime.now(UTC))


@pytest.mark.promise("router.15")
async def test_a_timer_is_silent_in_a_dead_chat_and_fires_once_with_two_replicas(clock: Clock) -> None:
    await clock.add()
    await clock.chatter(4)
    await clock.chatter(3, user="otherbot", bot=True)
    await clock.town.ask("!echo a command is no conversation")
    clock.town.said.clear()
    await clock.later(17)
    assert clock.said == []
    assert (await clock.told()).startswith("silent: 4 of 5 lines since ")
    await clock.chatter(1)
    clock.now = await clock.next_due() or clock.now
    await asyncio.gather(clock.replica().job.step(), clock.replica().job.step())
    await clock.town.router.deliveries.settle()
    assert clock.said == [JOIN]
    assert await clock.told() == "posted"
    assert clock.town.said[0].priority == Priority.TIMER


async def test_lines_count_since_the_last_post_and_within_the_window(clock: Clock) -> None:
    await clock.add(lines=2)
    await clock.chatter(2)
    await clock.later(17)
    await clock.later(17)
    assert clock.said == [JOIN]
    assert "0 of 2 lines" in await clock.told()
    await clock.add("windowed", lines=1, lines_within=60)
    await clock.chatter(1)
    await clock.later(17)
    assert "0 of 1 lines" in await clock.told("windowed")


async def test_texts_take_turns(clock: Clock) -> None:
    await clock.add(texts=("one", "two"), lines=0)
    for _ in range(3):
        await clock.later(17)
    assert clock.said == ["one", "two", "one"]


async def test_a_random_timer_says_its_own_texts_only(clock: Clock) -> None:
    await clock.add(texts=("one", "two"), order="random", lines=0, style="announce", color="blue")
    for _ in range(3):
        await clock.later(17)
    assert len(clock.said) == 3
    assert set(clock.said) <= {"one", "two"}
    assert {(said.action.style, said.action.color) for said in clock.town.said} == {("announce", "blue")}  # type: ignore[union-attr]


async def test_the_interval_varies_by_a_tenth(clock: Clock) -> None:
    for number in range(20):
        await clock.add(f"t{number}")
    listed = await clock.call(timers.TIMERS, timers.TimersOf(clock.town.community_id))
    waits = [(view.places[0].next_at - clock.now).total_seconds() for view in listed.items]
    assert all(809 <= wait <= 1_020 for wait in waits)
    assert max(waits) - min(waits) > 1


async def test_missed_runs_are_not_made_up(clock: Clock) -> None:
    await clock.add(lines=0)
    clock.now += timedelta(hours=1)
    await clock.replica().job.step()
    assert clock.said == []
    assert await clock.told() == "missed: nobody was there at that time"
    await clock.later(17)
    assert clock.said == [JOIN]


async def test_one_timer_a_minute_speaks_in_a_channel(clock: Clock) -> None:
    await clock.add("a", texts=("a",), lines=0)
    await clock.add("b", texts=("b",), lines=0)
    await clock.town.inst.services["router"].database.write(
        lambda tx: tx.run("UPDATE timer_places SET due_at = ?, claimed_until = ?", clock.now, clock.now)
    )
    await clock.later(0)
    assert len(clock.said) == 1
    await clock.later(0.9)
    assert len(clock.said) == 1
    await clock.later(0.2)
    assert sorted(clock.said) == ["a", "b"]


async def test_a_stream_decides_whether_and_how_often(clock: Clock) -> None:
    clock.town.said.clear()
    await clock.add("live", texts=("live",), lines=0, stream="live")
    await clock.add("off", texts=("off",), lines=0, stream="offline")
    await clock.add("slow", texts=("slow",), lines=0, offline_every=7_200)
    await clock.town.happens(MessageType.STREAM_OFFLINE)
    await clock.later(17)
    assert clock.said == ["off"]
    assert await clock.told("live") == "silent: the stream is not live"
    assert await clock.told("slow") == ""
    await clock.town.happens(MessageType.STREAM_ONLINE)
    clock.town.said.clear()
    await clock.later(17)
    await clock.later(2)
    assert set(clock.said) == {"live", "slow"}
    assert await clock.told("off") == "silent: the stream is live"


async def test_category_and_title_are_conditions(clock: Clock) -> None:
    await clock.add("game", texts=("game",), lines=0, category="chess")
    await clock.add("show", texts=("show",), lines=0, title="penguins")
    await clock.town.happens(MessageType.STREAM_UPDATE, data={"category": "Speed Chess", "title": "Finals"})
    await clock.later(17)
    assert clock.said == ["game"]
    assert await clock.told("show") == "silent: the title is another"
    await clock.town.happens(MessageType.STREAM_UPDATE, data={"category": "Cooking", "title": "With Penguins"})
    await clock.later(17)
    assert clock.said == ["game", "show"]
    assert await clock.told("game") == "silent: the category is Cooking"


async def test_a_channel_that_left_hears_nothing_and_a_new_one_joins(clock: Clock) -> None:
    await clock.add(lines=0)
    other = f"console:{clock.town.community_id}:other"
    await clock.town.portal.client.call(
        "community", community.ATTACH, community.AttachChannel(clock.town.community_id, other, "Other")
    )
    await clock.later(17)
    view = await clock.call(timers.TIMER, timers.TimerOf(clock.town.community_id, "discord"))
    assert [place.channel for place in view.places] == sorted([clock.town.channel, other])
    await clock.town.portal.client.call(
        "community", community.DETACH, community.ChannelOf(clock.town.community_id, clock.town.channel),
        acting=clock.town.owner,
    )  # fmt: skip
    clock.town.said.clear()
    await clock.later(17)
    assert [said.channel for said in clock.town.said] == [other]
    assert "not attached here any more" in await clock.told()


async def test_a_command_runs_with_the_rights_of_its_author_and_no_more(clock: Clock) -> None:
    await clock.add("cmd", texts=(), command="!echo from a timer", lines=0)
    await clock.later(17)
    assert await clock.told("cmd") == "ran"
    assert [run.arguments for run in clock.town.runs] == [{"text": "from a timer"}]
    assert clock.town.said[-1].priority == Priority.TIMER
    ask = '!timer add mods 10m "!timer off cmd"'
    assert await clock.town.ask(ask, "mod", moderator=True) == "Timer mods: every 10 m, after 5 lines."
    await clock.town.write("!timer run mods", "mod", moderator=True)
    await until(lambda: {"Timer cmd is off.", "Timer mods ran."} <= set(clock.said))
    refused = await clock.town.ask('!timer add owners 10m "!module off echo"', "mod", moderator=True)
    assert refused.startswith("Timer owners")
    await clock.town.ask("!timer run owners", "mod", moderator=True)
    assert "Only admins can do that." in await clock.told("owners")


async def test_moderators_keep_timers_in_chat(clock: Clock) -> None:
    town = clock.town
    assert "Only moderators can do that." in await town.ask(f'!timer add discord 15m "{JOIN}"')

    async def ask(line: str) -> str:
        return await town.ask(line, "mod", moderator=True)

    assert "No timers yet." in await ask("!timer list")
    assert await ask(f'!timer add Discord 15m "{JOIN}"') == "Timer discord: every 15 m, after 5 lines."
    assert await ask(f'!timer add discord 15m "{JOIN}"') == "There is a timer discord already."
    assert await ask(f'!timer add x 4m "{JOIN}"') == "A timer runs every 5 minutes to 24 hours."
    assert await ask("!timer off discord") == "Timer discord is off."
    assert (await ask("!timer list")).startswith("discord 15 m (off): ")
    await clock.later(17)
    assert JOIN not in clock.said
    assert await ask("!timer on discord") == "Timer discord: every 15 m, after 5 lines."
    await town.write("!timer run discord", "mod", moderator=True)
    await until(lambda: {"Timer discord ran.", JOIN} <= set(clock.said))
    assert await ask("!timer remove discord") == "Timer discord is gone."
    assert await ask("!timer run discord") == "There is no timer discord here."


@pytest.mark.parametrize(
    ("name", "settings", "said"),
    [
        ("no spaces", {}, "1 to 25 letters"),
        ("x", {"every": 299}, "every 5 minutes to 24 hours"),
        ("x", {"offline_every": 86_401}, "offline too"),
        ("x", {"texts": ()}, "texts or a command"),
        ("x", {"command": "!ping"}, "texts or a command"),
        ("x", {"texts": (), "command": "ping"}, "begins with ! or #"),
        ("x", {"texts": ("a",) * 11}, "at most 10 texts"),
        ("x", {"texts": ("a" * 501,)}, "500 characters"),
        ("x", {"lines": -1}, "0 to 1,000 lines"),
        ("x", {"lines_within": 59}, "1 minute to 24 hours"),
        ("x", {"channels": ("twitch:1:1",)}, "no channel of this community"),
        ("x", {"channels": ("nowhere",)}, "platform:server:channel"),
        ("x", {"color": "pink"}, "An announcement is"),
        ("x", {"title": "t" * 101}, "100 characters"),
    ],
)
async def test_what_no_timer_can_be_is_refused(clock: Clock, name: str, settings: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        await clock.add(name, **settings)


async def test_there_are_fifty_timers_at_most(clock: Clock) -> None:
    for number in range(50):
        await clock.add(f"t{number}")
    with pytest.raises(Conflict, match="50 timers at most"):
        await clock.add("one-more")


async def test_changes_are_kept_for_those_who_saw_the_newest(clock: Clock) -> None:
    made = await clock.add()
    changed = await clock.change(settings=msgspec.structs.replace(made.settings, every=3_600), version=made.version)
    assert (changed.settings.every, changed.version) == (3_600, 2)
    with pytest.raises(Stale):
        await clock.change(enabled=False, version=made.version)
    off = await clock.change(enabled=False)
    assert off.places[0].next_at is None
    await clock.call(timers.RUN_TIMER, timers.TimerOf(clock.town.community_id, "discord"))
    await clock.call(timers.REMOVE_TIMER, timers.TimerOf(clock.town.community_id, "discord"))
    entries = await clock.town.audit("timer.")
    assert [(one.action, one.target) for one in entries] == [
        (f"timer.{what}", "discord") for what in ("add", "change", "change", "run", "remove")
    ]
    added, slower, stopped, ran, removed = [
        [msgspec.json.decode(side) if side else None for side in (one.was, one.became)] for one in entries
    ]
    assert (added[0], removed[1], ran) == (None, None, [None, None])
    assert (slower[0], slower[1]) == (added[1], added[1] | {"every": 3_600})
    assert (stopped[0], stopped[1]) == (slower[1], slower[1] | {"enabled": False})
    assert removed[0] == stopped[1]


async def test_timers_of_others_are_not_there(clock: Clock) -> None:
    await clock.add()
    one = timers.TimerOf(clock.town.community_id, "discord")
    elsewhere = msgspec.structs.replace(one, community_id=clock.town.community_id + 1)
    acting = msgspec.structs.replace(clock.town.owner, community_id=elsewhere.community_id)
    for operation in (timers.TIMER, timers.REMOVE_TIMER, timers.RUN_TIMER):
        with pytest.raises(ServiceError) as refused:
            await clock.town.portal.client.call("router", operation, elsewhere, acting=acting)
        assert refused.value.status in (403, 404)
    await clock.call(timers.REMOVE_TIMER, one)
    with pytest.raises(NotFound):
        await clock.call(timers.TIMER, one)


async def test_who_is_forgotten_lends_no_command_their_rights(clock: Clock) -> None:
    await clock.town.ask('!timer add chat 10m "!module off echo"', "mod", moderator=True)
    await clock.add("portal", texts=(), command="!echo hi", lines=0)
    erase = module.PersonAccounts("r1", (), (), "person-ann")
    identity = clock.town.inst.client("identity")
    told = (await identity.call("router", module.EXPORT, erase)).tables["timers"]
    assert [(row["name"], row["command"]) for row in told] == [("portal", "!echo hi")]
    assert (await identity.call("router", module.ERASE, erase)).counts["timers"] == 1
    assert (await clock.call(timers.TIMER, timers.TimerOf(clock.town.community_id, "portal"))).author == ""
    database = clock.town.inst.services["router"].database
    author = await database.read(lambda tx: tx.value("SELECT author FROM timers WHERE name = 'chat'"))
    merge = module.MergeMembers("m1", clock.town.community_id, author, "member-other")
    receipt = await clock.town.inst.client("community").call("router", module.MERGE, merge)
    assert receipt.counts["timers"] == 1


async def test_a_demoted_author_lends_no_more_than_they_have(clock: Clock) -> None:
    town = clock.town
    await town.ask("!echo hello", "mia")
    mia = town.runs[-1].member.id
    for role in (Role.ADMIN, Role.VIEWER):
        await town.portal.client.call(
            "community", community.SET_ROLE, community.SetRole(town.community_id, mia, role), acting=town.owner
        )
        if role == Role.ADMIN:
            await until(lambda: town.router.contexts.known(town.event("", "mia")) is None)
            assert (await town.ask('!timer add off 10m "!module off echo"', "mia")).startswith("Timer off")
    await clock.call(timers.RUN_TIMER, timers.TimerOf(town.community_id, "off"))
    assert "Only admins can do that." in await clock.told("off")


async def test_a_community_that_ended_takes_its_timers_along(clock: Clock) -> None:
    await clock.add(lines=0)
    await clock.town.happens(MessageType.STREAM_ONLINE)
    await clock.later(17)
    ended = module.CommunityOnly(clock.town.community_id)
    counts = (await clock.town.inst.client("community").call("router", module.ERASE_COMMUNITY, ended)).counts
    assert [counts[table] for table in ("timers", "timer_places", "timer_posts", "stream_states")] == [1] * 4


async def test_the_router_looks_by_itself(clock: Clock) -> None:
    await clock.add(lines=0)
    now = datetime.now(UTC)
    due = "UPDATE timer_places SET due_at = ?, claimed_until = ?, expires_at = ?"
    database = clock.town.inst.services["router"].database
    await database.write(lambda tx: tx.run(due, now, now, now + timedelta(minutes=2)))
    await until(lambda: clock.said == [JOIN])


async def test_under_load_timers_are_silent_first(clock: Clock) -> None:
    await clock.add(lines=0)
    clock.overloaded = True
    await clock.later(17)
    assert clock.said == []
    assert await clock.told() == "silent: too much was waiting to be said"
