"""Which community, and who speaks: how long an answer may be remembered, and what it says when identity is away."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from community_module_flask.context_repository import ContextRepository
from community_module_flask.contexts import Contexts
from community_module_flask.member_repository import MemberRepository
from community_module_flask.tests.conftest import Town
from flask_core.contracts import community
from flask_core.contracts.community import ContextItem, ContextRequest
from flask_core.contracts.identity import FoundPerson
from flask_core.datamodels import Account, Role
from flask_core.errors import InvalidInput, TooLarge, TooMany, Unavailable

ROOM = "console:1:main"


class People:
    """Identity, as a test wants it."""

    def __init__(self, person_id: str = "", *, answers: bool = True) -> None:
        self.person_id = person_id
        self.answers = answers

    async def person_of(self, platform: str, user_id: str) -> FoundPerson:
        if not self.answers:
            await asyncio.Event().wait()
        return FoundPerson(self.person_id)


class Replica:
    """Another process of community, which hears of no change, with a clock of its own."""

    def __init__(self, town: Town, people: People | None = None) -> None:
        self.time, self.at = 0.0, datetime.now(UTC)
        self.repository = ContextRepository(town.service.database)
        self.contexts = Contexts(
            self.repository, people or People(), now=lambda: self.at, clock=lambda: self.time
        )  # fmt: skip

    async def hear(self, user: str = "dee", channel: str = ROOM, name: str = "") -> community.Context:
        asked = ContextRequest((ContextItem(channel, Account(user, user, name or user), self.at),))
        return (await self.contexts.answer(asked)).items[0]

    async def member(self, user: str = "dee", name: str = "") -> community.ContextMember:
        member = (await self.hear(user, name=name)).member
        assert member is not None
        return member


async def room(town: Town) -> int:
    made = await town.found()
    await town.attach(made.id, ROOM)
    return made.id


@pytest.mark.promise("community.13")
@pytest.mark.promise("identity.23")
async def test_without_news_a_member_is_stale_for_a_minute_at_most(town: Town) -> None:
    made, replica = await room(town), Replica(town)
    dee = (await replica.member()).id
    await town.promote(made, dee, Role.VIP)
    await town.link("merge-1", "person-dee", ("console", "dee"))
    replica.time = 59.0
    stale = await replica.member()
    assert (stale.assigned_role, stale.person_id) == (Role.VIEWER, None)
    replica.time = 60.0
    fresh = await replica.member()
    assert (fresh.assigned_role, fresh.person_id) == (Role.VIP, "person-dee")


async def test_without_news_a_channel_is_stale_for_five_minutes_at_most(town: Town) -> None:
    replica = Replica(town)
    assert not (await replica.hear()).channel.known
    made = await room(town)
    replica.time = 299.0
    assert not (await replica.hear()).channel.known
    replica.time = 300.0
    assert (await replica.hear()).community.id == made


async def test_everything_is_asked_anew_when_news_may_have_been_missed(town: Town) -> None:
    replica = Replica(town)
    await replica.hear()
    made = await room(town)
    replica.contexts.forget_all()
    assert (await replica.hear()).community.id == made


async def test_while_identity_does_not_answer_people_are_accounts(town: Town) -> None:
    await room(town)
    heard = await Replica(town, People("person-dee", answers=False)).hear()
    assert heard.member is not None
    assert (heard.member.person_id, heard.degraded) == (None, ("identity",))
    heard = await Replica(town, People("person-kim")).hear("kim")
    assert heard.member is not None
    assert (heard.member.person_id, heard.degraded) == ("person-kim", ())


async def test_when_identity_is_away_it_is_named(town: Town) -> None:
    await room(town)
    town.away.add("identity")
    heard = await town.hear(ROOM, "dee")
    assert heard.member is not None
    assert (heard.member.person_id, heard.degraded) == (None, ("identity",))


async def test_one_to_a_hundred_questions_are_answered_in_order(town: Town) -> None:
    made, replica = await room(town), Replica(town)
    item = ContextItem(ROOM, Account("dee"))
    mixed = (item, ContextItem("console:9:main", Account("dee")), ContextItem(ROOM))
    answer = await replica.contexts.answer(ContextRequest(mixed))
    assert [one.community.id for one in answer.items] == [made, community.GLOBAL_COMMUNITY, made]
    assert [one.member is None for one in answer.items] == [False, False, True]
    for items, refused in (((), InvalidInput), ((item,) * 101, TooLarge)):
        with pytest.raises(refused):
            await replica.contexts.answer(ContextRequest(items))


async def test_of_two_hundred_and_one_questions_in_flight_one_is_turned_away(town: Town) -> None:
    await room(town)
    replica = Replica(town)
    answers = await asyncio.gather(*(replica.hear() for _ in range(201)), return_exceptions=True)
    (refused,) = [answer for answer in answers if isinstance(answer, BaseException)]
    assert isinstance(refused, TooMany)
    assert refused.retry_after == 1
    assert (await replica.member()).id


async def test_last_seen_is_written_once_an_hour_and_with_a_new_name(town: Town) -> None:
    made, replica = await room(town), Replica(town)
    members = MemberRepository(town.service.database)
    dee = (await replica.member()).id
    first = (await members.one(made, dee)).last_seen_at
    assert first is not None
    for minutes, name, moved in ((30, "dee", False), (40, "Dee", True), (60, "Dee", False), (101, "Dee", True)):
        before = (await members.one(made, dee)).last_seen_at
        replica.at, replica.time = first + timedelta(minutes=minutes), minutes * 60.0
        await replica.member(name=name)
        after = await members.one(made, dee)
        assert (after.last_seen_at != before, after.name) == (moved, name)


async def test_news_that_nobody_carries_fail_nothing(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    async def publish(topic: str, message: bytes) -> None:
        raise Unavailable("Shared state is not answering right now.")

    monkeypatch.setattr(town.service.shared, "publish", publish)
    made = await room(town)
    assert (await town.hear(ROOM, "dee")).community.id == made
