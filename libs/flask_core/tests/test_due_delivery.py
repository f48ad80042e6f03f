"""Nothing is marked delivered because it was tried, and nothing that may have been said is said again."""

from __future__ import annotations

from datetime import timedelta

import pytest

from flask_core.database import AsyncDAL
from flask_core.due_delivery import RouterDelivery, next_key
from flask_core.due_work import Due, DueWork, Result
from flask_core.errors import Unavailable, UnknownOutcome
from flask_core.runtime import Runtime
from flask_core.testing.installation import Installation

from .due_notes import START, Clock, Note, Notes, Router, request_of


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def notes(database: AsyncDAL) -> Notes:
    return Notes(database)


@pytest.fixture
def town() -> Installation:
    return Installation(Runtime())


@pytest.fixture
def router(town: Installation) -> Router:
    return Router(town)


@pytest.fixture
def loop(notes: Notes, town: Installation, router: Router, clock: Clock) -> DueWork[Note]:
    return DueWork(notes, RouterDelivery(town.client("memories"), request_of, now=clock), now=clock)


async def test_a_row_is_handed_over_and_delivered_when_the_router_says_so(
    loop: DueWork[Note], notes: Notes, router: Router, clock: Clock
) -> None:
    await notes.add("tea", START)
    await loop.step()
    assert (await notes.state())[0] == "handed_over"
    clock.pass_by(5)
    router.states = ["sending"]
    await loop.step()
    assert (await notes.state())[0] == "handed_over"
    clock.pass_by(5)
    router.states = ["done"]
    await loop.step()
    assert await notes.state() == ("delivered", 0, "", "note-tea")
    assert router.keys == ["note-tea"]


async def test_what_is_done_at_once_is_delivered_at_once(loop: DueWork[Note], notes: Notes, router: Router) -> None:
    router.states = ["done", "done"]
    await notes.add("tea", START)
    await loop.step()
    assert (await notes.state())[0] == "delivered"


@pytest.mark.parametrize("state", ["failed", "expired"])
async def test_what_was_certainly_not_said_is_said_again_under_the_next_key(
    loop: DueWork[Note], notes: Notes, router: Router, clock: Clock, state: str
) -> None:
    router.states, router.reason = [state], "Slow mode."
    await notes.add("tea", START)
    await loop.step()
    assert await notes.state() == ("waiting", 1, "Slow mode.", "note-tea#2")
    clock.pass_by(15)
    await loop.step()
    clock.pass_by(30)
    router.states, router.reason = ["done"], ""
    await loop.step()
    assert router.keys == ["note-tea", "note-tea#2", "note-tea#3"]
    assert (await notes.state())[0] == "delivered"


@pytest.mark.parametrize("state", ["unsupported", "not_permitted"])
async def test_what_the_platform_does_not_allow_fails_with_its_reason(
    loop: DueWork[Note], notes: Notes, router: Router, clock: Clock, state: str
) -> None:
    router.states, router.reason = [state], "The bot is banned there."
    await notes.add("tea", START)
    await loop.step()
    assert await notes.state() == ("failed", 0, "The bot is banned there.", "note-tea")
    clock.pass_by(3600)
    assert await loop.step() == 0


async def test_who_knows_another_way_is_asked_when_the_platform_does_not_allow_it(
    notes: Notes, town: Installation, router: Router, clock: Clock
) -> None:
    async def elsewhere(due: Due[Note], reason: str) -> Result:
        return due.again(clock(), reason, key=f"{due.key}@elsewhere")

    delivery = RouterDelivery(town.client("memories"), request_of, now=clock, refused=elsewhere)
    router.states, router.reason = ["not_permitted"], "The bot is banned there."
    await notes.add("tea", START)
    await DueWork(notes, delivery, now=clock).step()
    router.states = ["done"]
    clock.pass_by(15)
    await DueWork(notes, delivery, now=clock).step()
    assert router.keys == ["note-tea", "note-tea@elsewhere"]
    assert (await notes.state())[0] == "delivered"


@pytest.mark.parametrize("states", [["unknown"], ["unconfirmed"], ["failed", "unknown"]])
async def test_what_may_have_been_said_is_not_said_again(
    loop: DueWork[Note], notes: Notes, router: Router, clock: Clock, states: list[str]
) -> None:
    router.states = states
    await notes.add("tea", START)
    await loop.step()
    clock.pass_by(3600)
    assert await loop.step() == 0
    assert (await notes.state())[0] == "unconfirmed"
    assert router.keys == ["note-tea"]


async def test_what_was_said_is_not_said_again_because_its_picture_failed(
    loop: DueWork[Note], notes: Notes, router: Router
) -> None:
    router.states, router.reason = ["done", "failed"], "No overlay is open."
    await notes.add("tea", START)
    await loop.step()
    assert (await notes.state())[::2] == ("delivered", "No overlay is open.")


async def test_an_unanswered_hand_over_is_repeated_under_the_same_key(
    loop: DueWork[Note], notes: Notes, router: Router, clock: Clock
) -> None:
    router.fails = UnknownOutcome("The router module is not answering right now.")
    await notes.add("tea", START)
    await loop.step()
    assert (await notes.state())[0] == "waiting"
    router.fails, router.states = None, ["done"]
    clock.pass_by(15)
    await loop.step()
    assert router.keys == ["note-tea", "note-tea"]


async def test_a_router_that_forgot_is_told_again(
    loop: DueWork[Note], notes: Notes, router: Router, clock: Clock
) -> None:
    await notes.add("tea", START)
    await loop.step()
    router.knows.clear()
    clock.pass_by(5)
    await loop.step()
    assert (await notes.state())[0] == "waiting"
    router.states = ["done"]
    clock.pass_by(15)
    await loop.step()
    assert router.keys == ["note-tea", "note-tea"]
    assert (await notes.state())[0] == "delivered"


async def test_a_router_that_stays_away_after_it_took_it_leaves_it_unconfirmed(
    loop: DueWork[Note], notes: Notes, router: Router, clock: Clock
) -> None:
    await notes.add("tea", START, lasts=timedelta(minutes=2))
    await loop.step()
    router.fails = Unavailable("The router is away.")
    for _ in range(30):
        clock.pass_by(5)
        await loop.step()
    assert (await notes.state())[::2] == ("unconfirmed", "The router is away.")


async def test_what_the_router_never_finishes_is_unconfirmed_when_its_time_is_over(
    loop: DueWork[Note], notes: Notes, clock: Clock
) -> None:
    await notes.add("tea", START, lasts=timedelta(seconds=12))
    for _ in range(4):
        await loop.step()
        clock.pass_by(5)
    assert (await notes.state())[0] == "unconfirmed"


async def test_nothing_to_say_is_skipped_and_nowhere_to_say_it_is_failed(
    loop: DueWork[Note], notes: Notes, router: Router
) -> None:
    await notes.add("nothing", START)
    await notes.add("nowhere", START)
    await loop.step()
    assert await notes.states() == {"nothing": "skipped", "nowhere": "failed"}
    assert (await notes.state("nowhere"))[2] == "That channel is gone."
    assert router.keys == []


def test_keys_count_the_sendings() -> None:
    assert [next_key("a"), next_key("a#2"), next_key("a#9")] == ["a#2", "a#3", "a#10"]
