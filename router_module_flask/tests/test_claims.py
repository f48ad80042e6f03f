"""Triggers share what there is to look after: nothing twice, nothing forgotten."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio

from flask_core.claims import ClaimKeeper
from flask_core.contracts import claims
from flask_core.errors import Conflict, Forbidden, InvalidInput, Unavailable
from flask_core.operations import Acting
from flask_core.service_client import ServiceClient
from flask_core.testing.installation import Installation, installation
from router_module_flask.claims.service import Claims

CHANNELS = "twitch:channel"


@dataclass
class Rink:
    """A router alone, its clock in our hand, and twitch asking."""

    inst: Installation
    now: datetime = datetime(2026, 3, 13, 20, 0, tzinfo=UTC)

    @property
    def twitch(self) -> ServiceClient:
        return self.inst.client("twitch")

    @property
    def claims(self) -> Claims:
        found: Claims = self.inst.app("router").extensions["router"].claims.claims
        return found

    async def there_are(self, *items: claims.Resource, kind: str = CHANNELS) -> None:
        await self.twitch.call("router", claims.PUT_RESOURCES, claims.PutResources(kind, items))

    async def claim(self, instance: str, most: int = 0, kind: str = CHANNELS) -> list[str]:
        held = await self.twitch.call("router", claims.CLAIM, claims.ClaimSome(kind, instance, most))
        return [claim.resource.rpartition(":")[2] for claim in held.items]

    async def check_in(self, instance: str, *numbers: str, live: bool | None = None) -> claims.ClaimsHeld:
        reports = tuple(claims.Report(f"{CHANNELS}:{number}", live) for number in numbers)
        return await self.twitch.call("router", claims.CHECK_IN, claims.CheckIn(instance, reports))

    async def release(self, instance: str, *numbers: str) -> None:
        names = tuple(f"{CHANNELS}:{number}" for number in numbers)
        await self.twitch.call("router", claims.RELEASE, claims.Release(instance, names))

    async def fails(self, instance: str, number: str) -> claims.ClaimTrouble:
        asked = claims.ClaimError(instance, f"{CHANNELS}:{number}", "The socket closed.")
        return await self.twitch.call("router", claims.ERROR, asked)

    async def state(self, number: str) -> claims.ClaimState:
        listed = await self.twitch.call("router", claims.CLAIMS, claims.ListClaims(CHANNELS))
        return next(one for one in listed.items if one.resource == f"{CHANNELS}:{number}")

    def seconds(self) -> float:
        return self.now.timestamp()

    def later(self, **time: float) -> None:
        self.now += timedelta(**time)


def channel(number: int | str, **more: int | bool) -> claims.Resource:
    return claims.Resource(f"{CHANNELS}:{number}", **more)  # type: ignore[arg-type]


@pytest_asyncio.fixture
async def rink(database_url: str) -> AsyncIterator[Rink]:
    async with installation(("router_module_flask",), database_url) as inst:
        rink = Rink(inst)
        rink.claims._now = lambda: rink.now
        yield rink


@pytest.mark.promise("router.18")
async def test_two_replicas_that_want_five_of_eight_get_five_and_three(rink: Rink) -> None:
    await rink.there_are(*(channel(number) for number in range(8)))
    one, two = await asyncio.gather(rink.claim("one"), rink.claim("two"))
    assert sorted((len(one), len(two))) == [3, 5]
    assert sorted(one + two) == [str(number) for number in range(8)]
    assert await rink.claim("one") == one


@pytest.mark.promise("router.18")
async def test_six_minutes_of_silence_free_what_somebody_held(rink: Rink) -> None:
    await rink.there_are(*(channel(number) for number in range(5)))
    assert len(await rink.claim("one")) == 5
    rink.later(minutes=5, seconds=59)
    assert await rink.claim("two") == []
    assert await rink.claims.sweep() == 0
    await rink.check_in("one", "0", "1")
    rink.later(minutes=2)
    assert await rink.claim("two") == ["2", "3", "4"]
    assert (await rink.check_in("one", "0", "1", "2")).lost == ("twitch:channel:2",)
    assert await rink.claim("one") == ["0", "1"]


async def test_the_sweep_shows_who_left(rink: Rink) -> None:
    await rink.there_are(channel(1))
    await rink.claim("one")
    rink.later(minutes=6, seconds=1)
    assert await rink.claims.sweep() == 1
    state = await rink.state("1")
    assert (state.holder, state.idle_since) == ("", rink.now)


async def test_the_quota_includes_what_is_held(rink: Rink) -> None:
    await rink.there_are(*(channel(number) for number in range(8)))
    assert await rink.claim("one", most=2) == ["0", "1"]
    assert await rink.claim("one", most=3) == ["0", "1", "2"]
    assert await rink.claim("one", most=1) == ["0", "1", "2"]
    assert len(await rink.claim("one", most=99)) == 5


async def test_each_kind_has_a_quota_of_its_own(rink: Rink) -> None:
    await rink.there_are(*(channel(number) for number in range(8)))
    shard = claims.Resource("twitch:shard:0")
    await rink.there_are(shard, kind="twitch:shard")
    assert len(await rink.claim("one")) == 5
    assert await rink.claim("one", kind="twitch:shard") == ["0"]


async def test_live_goes_first_then_priority_viewers_and_the_longest_idle(rink: Rink) -> None:
    await rink.there_are(
        channel("idle"), channel("seen", viewers=900), channel("first", priority=1),
        channel("live", live=True, priority=500), channel("late"),
    )  # fmt: skip
    await rink.claim("one")
    rink.later(seconds=1)
    await rink.release("one", "idle", "seen", "first", "live")
    rink.later(seconds=1)
    await rink.release("one", "late")
    order = [await rink.claim("two", most=count) for count in range(1, 6)]
    assert [found[-1] for found in (sorted(names, key=order[4].index) for names in order)] == [
        "live", "first", "seen", "idle", "late",
    ]  # fmt: skip


async def test_liveness_outlives_the_claim_and_the_list(rink: Rink) -> None:
    await rink.there_are(channel(1), channel(2))
    await rink.claim("one")
    await rink.check_in("one", "2", live=True)
    await rink.release("one", "1", "2")
    assert (await rink.state("2")).live
    await rink.there_are(channel(1), channel(2))
    assert await rink.claim("two", most=1) == ["2"]
    await rink.there_are(channel(1), channel(2, live=False))
    state = await rink.state("2")
    assert (state.live, state.holder) == (False, "two")


async def test_a_check_in_gives_another_half_hour(rink: Rink) -> None:
    await rink.there_are(channel(1))
    await rink.claim("one")
    rink.later(minutes=5)
    held = await rink.check_in("one", "1")
    assert held.items == (claims.Claim("twitch:channel:1", rink.now + timedelta(minutes=30)),)


async def test_three_errors_park_for_ten_minutes(rink: Rink) -> None:
    await rink.there_are(channel(1))
    await rink.claim("one")
    assert (await rink.fails("one", "1")).errors == 1
    rink.later(minutes=11)
    await rink.check_in("one", "1")
    assert (await rink.fails("one", "1")).errors == 1
    assert (await rink.fails("one", "1")).parked_until is None
    trouble = await rink.fails("one", "1")
    assert trouble == claims.ClaimTrouble(3, rink.now + timedelta(minutes=10))
    assert await rink.claim("one") == await rink.claim("two") == []
    rink.later(minutes=10)
    assert await rink.claim("two") == ["1"]


async def test_what_is_not_yours_is_neither_freed_nor_blamed(rink: Rink) -> None:
    await rink.there_are(channel(1), channel(2))
    await rink.claim("one", most=1)
    await rink.claim("two")
    with pytest.raises(Conflict, match="twitch:channel:2 is not yours"):
        await rink.release("one", "1", "2")
    assert (await rink.state("1")).holder == "one"
    with pytest.raises(Conflict):
        await rink.fails("one", "2")


async def test_what_is_gone_is_forgotten(rink: Rink) -> None:
    await rink.there_are(channel(1), channel(2))
    await rink.claim("one")
    await rink.there_are(channel(2), channel(3))
    assert (await rink.check_in("one", "1", "2")).lost == ("twitch:channel:1",)
    assert await rink.claim("one") == ["2", "3"]


async def test_a_trigger_sees_to_its_own_platform(rink: Rink) -> None:
    discord = rink.inst.client("discord")
    await rink.there_are(channel(1))
    with pytest.raises(Forbidden):
        await discord.call("router", claims.PUT_RESOURCES, claims.PutResources(CHANNELS, ()))
    with pytest.raises(Forbidden):
        await discord.call("router", claims.CLAIM, claims.ClaimSome(CHANNELS, "one"))
    with pytest.raises(Forbidden):
        await discord.call("router", claims.CLAIMS, claims.ListClaims(CHANNELS))
    assert (await discord.call("router", claims.CLAIMS, claims.ListClaims())).total == 0
    with pytest.raises(Forbidden):
        await rink.inst.client("memories").call("router", claims.CLAIMS, claims.ListClaims())


async def test_operators_see_all_of_them(rink: Rink) -> None:
    await rink.there_are(*(channel(number) for number in range(60)))
    await rink.claim("one")
    operator = Acting("person-ann", datetime.now(UTC), operator=True)
    portal = rink.inst.client("portal")
    listed = await portal.call("router", claims.CLAIMS, claims.ListClaims(page=2), acting=operator)
    assert (len(listed.items), listed.total, listed.held, listed.parked) == (10, 60, 5, 0)
    with pytest.raises(Forbidden):
        await portal.call("router", claims.CLAIMS, claims.ListClaims(), acting=Acting("person-dee", datetime.now(UTC)))


@pytest.mark.parametrize("name", ["twitch:channel", "twitch:channel:", "twitch:channel:a b", "twitch:shard:1", "x"])
async def test_a_resource_has_a_name_of_its_kind(rink: Rink, name: str) -> None:
    with pytest.raises(InvalidInput, match="twitch:channel:<id>"):
        await rink.there_are(claims.Resource(name))


@dataclass
class Rooms:
    """A trigger's work: what it looks after, what began and what ended."""

    there: list[claims.Resource]
    began: list[str] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    broken: set[str] = field(default_factory=set)
    share: int = 0

    async def resources(self) -> Sequence[claims.Resource]:
        return self.there

    async def begin(self, resource: str) -> None:
        if resource in self.broken:
            raise Unavailable("The platform hangs up.")
        self.began.append(resource)

    async def end(self, resource: str) -> None:
        self.ended.append(resource)

    def report(self, resource: str) -> claims.Report:
        return claims.Report(resource, live=True, viewers=3)


@dataclass
class Shift:
    """A keeper of two replicas and its clock, which goes with the rink's."""

    keeper: ClaimKeeper
    rooms: Rooms


def shift(rink: Rink, name: str, *there: claims.Resource) -> Shift:
    rooms = Rooms(list(there))
    keeper = ClaimKeeper(rink.twitch, CHANNELS, name, rooms, share=lambda: rooms.share, clock=rink.seconds)
    return Shift(keeper, rooms)


async def test_a_keeper_begins_what_it_wins_and_checks_in(rink: Rink) -> None:
    one = shift(rink, "one", channel(1), channel(2))
    await one.keeper.step()
    assert sorted(one.rooms.began) == sorted(one.keeper.held) == ["twitch:channel:1", "twitch:channel:2"]
    rink.later(minutes=5)
    await one.keeper.step()
    state = await rink.state("1")
    assert (state.seen_at, state.live, state.viewers) == (rink.now, True, 3)
    assert one.rooms.ended == []


async def test_a_keeper_hears_of_new_work_and_of_work_that_is_gone(rink: Rink) -> None:
    one = shift(rink, "one", channel(1))
    await one.keeper.step()
    one.rooms.there = [channel(2)]
    await one.keeper.step()
    assert one.keeper.held == ("twitch:channel:2",)
    assert one.rooms.ended == ["twitch:channel:1"]


@pytest.mark.promise("router.18")
async def test_a_keeper_that_stops_hands_over_at_once_and_one_that_dies_after_six_minutes(rink: Rink) -> None:
    there = [channel(number) for number in range(8)]
    one, two = shift(rink, "one", *there), shift(rink, "two", *there)
    await one.keeper.step()
    await two.keeper.step()
    assert (len(one.keeper.held), len(two.keeper.held)) == (5, 3)
    await two.keeper.release()
    assert (two.keeper.held, len(two.rooms.ended)) == ((), 3)
    three = shift(rink, "three", *there)
    await three.keeper.step()
    assert len(three.keeper.held) == 3
    for _ in range(2):
        rink.later(minutes=3, seconds=1)
        three.keeper._check_in_at = 0
        await three.keeper.step()
    assert len(three.keeper.held) == 5
    rink.later(minutes=1)
    await one.keeper.step()
    assert set(one.rooms.ended) == set(three.keeper.held) & set(one.rooms.began)
    assert not set(one.keeper.held) & set(three.keeper.held)


async def test_a_keeper_whose_share_shrinks_leaves_the_rest_to_the_others(rink: Rink) -> None:
    there = [channel(number) for number in range(4)]
    one, two = shift(rink, "one", *there), shift(rink, "two", *there)
    await one.keeper.step()
    assert len(one.keeper.held) == 4
    one.rooms.share = two.rooms.share = 2
    await one.keeper.step()
    await two.keeper.step()
    assert set(one.keeper.held) | set(two.keeper.held) == {resource.name for resource in there}
    assert (len(one.keeper.held), set(one.rooms.ended)) == (2, set(two.keeper.held))


async def test_what_does_not_begin_is_given_back_and_parked_at_the_third_time(rink: Rink) -> None:
    one = shift(rink, "one", channel(1), channel(2))
    one.rooms.broken = {"twitch:channel:1"}
    for _ in range(3):
        await one.keeper.step()
    state = await rink.state("1")
    assert (state.holder, state.last_error, state.parked_until) == (
        "", "The platform hangs up.", rink.now + timedelta(minutes=10),
    )  # fmt: skip
    assert one.keeper.held == ("twitch:channel:2",)
    assert one.rooms.ended == []


async def test_work_goes_on_while_the_router_is_away_for_half_an_hour_at_most(rink: Rink) -> None:
    one = shift(rink, "one", channel(1))
    await one.keeper.step()
    here = rink.inst.runtime.modules.pop("router")
    naps = 0

    async def sleep(_: float) -> None:
        nonlocal naps
        naps += 1
        rink.later(minutes=16)
        if naps == 1:
            assert one.keeper.held == ("twitch:channel:1",)
        if naps == 2:
            assert one.keeper.held == ("twitch:channel:1",)
        if naps == 3:
            raise asyncio.CancelledError

    one.keeper._sleep = sleep
    with pytest.raises(asyncio.CancelledError):
        await one.keeper.run()
    assert one.keeper.held == ()
    assert one.rooms.ended == ["twitch:channel:1"]
    rink.inst.runtime.modules["router"] = here
