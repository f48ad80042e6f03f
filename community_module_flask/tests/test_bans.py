"""Bans: for a time, over all accounts of a person, and through linking and unlinking."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from community_module_flask.ban_repository import BanRepository
from community_module_flask.bans import Bans
from community_module_flask.context_repository import ContextRepository
from community_module_flask.contexts import Contexts
from community_module_flask.member_repository import MemberRepository
from community_module_flask.people import IdentityPeople
from community_module_flask.publishing import Publisher
from community_module_flask.tests.conftest import Town
from flask_core.contracts import community
from flask_core.errors import InvalidInput, NotFound

TWITCH, DISCORD = "twitch:1:1", "discord:7:70"


async def pond(town: Town) -> int:
    """Ann's community with a channel on two platforms."""
    made = await town.found()
    await town.attach(made.id, TWITCH)
    await town.attach(made.id, DISCORD)
    return made.id


async def ban(town: Town, community_id: int, member_id: str, seconds: int = 0) -> None:
    await town.ask(community.BAN, community.Ban(community_id, member_id, "spam", seconds), "ann", home=community_id)


async def unban(town: Town, community_id: int, member_id: str) -> None:
    await town.ask(community.UNBAN, community.MemberOf(community_id, member_id), "ann", home=community_id)


async def status(town: Town, channel: str, user: str) -> str:
    member = (await town.hear(channel, user)).member
    assert member is not None
    return member.status


async def heard_of(town: Town, user: str, expected: str) -> None:
    """The published change reaches this replica at some moment."""
    async with asyncio.timeout(10):
        while await status(town, TWITCH, user) != expected:  # noqa: ASYNC110 - a question to the service, not an event of ours
            await asyncio.sleep(0)


def bans_at(town: Town, later: timedelta) -> Bans:
    """Another replica, whose clock is `later`."""
    service = town.service
    publisher = Publisher(
        service.shared, Contexts(ContextRepository(service.database), IdentityPeople(service.services)),
        service.database.after_commit,
    )  # fmt: skip
    members = MemberRepository(service.database)
    return Bans(BanRepository(service.database), members, publisher, lambda: datetime.now(UTC) + later)


@pytest.mark.promise("community.12")
async def test_a_new_account_of_somebody_banned_is_banned(town: Town) -> None:
    made = await pond(town)
    town.persons["twitch", "eve"] = town.persons["discord", "eve"] = "person-eve"
    await ban(town, made, await town.member(TWITCH, "eve"))
    assert await status(town, DISCORD, "eve") == "banned"
    await town.member(DISCORD, "other")
    await town.link("merge-1", "person-eve", ("twitch", "eve"), ("discord", "other"))
    assert await status(town, DISCORD, "other") == "banned"


@pytest.mark.promise("community.12")
async def test_unlinking_does_not_lift_a_ban_that_came_meanwhile(town: Town) -> None:
    made = await pond(town)
    eve = await town.member(TWITCH, "eve")
    await town.member(DISCORD, "other")
    accounts = ("twitch", "eve"), ("discord", "other")
    await town.link("merge-1", "person-eve", *accounts)
    await ban(town, made, eve)
    await town.link("merge-1", "person-eve", accounts[1], undo=True)
    assert [await status(town, TWITCH, "eve"), await status(town, DISCORD, "other")] == ["banned", "banned"]
    await town.link("merge-2", "person-mallory", accounts[1])
    assert await status(town, DISCORD, "other") == "banned"


@pytest.mark.promise("community.12")
async def test_an_account_that_came_to_somebody_banned_stays_banned_when_it_leaves(town: Town) -> None:
    made = await pond(town)
    town.persons["twitch", "eve"] = town.persons["discord", "eve"] = "person-eve"
    await ban(town, made, await town.member(TWITCH, "eve"))
    await town.member(DISCORD, "eve")
    await town.link("merge-1", "person-eve", ("discord", "eve"), undo=True)
    assert await status(town, DISCORD, "eve") == "banned"


async def test_a_ban_that_came_with_a_merge_can_be_lifted_and_parted(town: Town) -> None:
    made = await pond(town)
    kim = await town.member(TWITCH, "kim")
    eve = await town.member(DISCORD, "eve")
    await ban(town, made, eve)
    accounts = ("twitch", "kim"), ("discord", "eve")
    await town.link("merge-1", "person-kim", *accounts)
    assert await status(town, TWITCH, "kim") == "banned"
    await town.link("merge-1", "person-kim", accounts[1], undo=True)
    assert [await status(town, TWITCH, "kim"), await status(town, DISCORD, "eve")] == ["active", "banned"]
    await town.link("merge-2", "person-kim", *accounts)
    await unban(town, made, kim)
    assert [await status(town, TWITCH, "kim"), await status(town, DISCORD, "eve")] == ["active", "active"]
    with pytest.raises(NotFound):
        await unban(town, made, kim)


@pytest.mark.promise("community.12")
async def test_a_ban_for_a_time_ends_and_everybody_hears_of_it(town: Town) -> None:
    made = await pond(town)
    dee, eve = await town.member(TWITCH, "dee"), await town.member(TWITCH, "eve")
    await ban(town, made, dee, seconds=3_600)
    await ban(town, made, eve)
    assert await bans_at(town, timedelta(minutes=59)).lift_due() == 0
    assert await status(town, TWITCH, "dee") == "banned"
    assert await bans_at(town, timedelta(minutes=61)).lift_due() == 1
    await heard_of(town, "dee", "active")
    assert await status(town, TWITCH, "eve") == "banned"


async def test_a_ban_lasts_at_most_two_years(town: Town) -> None:
    made = await pond(town)
    dee = await town.member(TWITCH, "dee")
    for seconds in (-1, 3 * 365 * 86_400):
        with pytest.raises(InvalidInput):
            await ban(town, made, dee, seconds)
    assert await status(town, TWITCH, "dee") == "active"
