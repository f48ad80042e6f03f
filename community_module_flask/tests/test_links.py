"""Accounts that are one person's: what they share, what waits for a day, and what each has after parting."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from community_module_flask.context_repository import ContextRepository
from community_module_flask.role_repository import RoleRepository
from community_module_flask.tests.conftest import Town
from flask_core.contracts import community
from flask_core.datamodels import Role

TWITCH, DISCORD, SLACK = "twitch:1:1", "discord:7:70", "slack:T1:C1"
MO, DEE = ("twitch", "mo"), ("discord", "dee")
DAY = timedelta(hours=24, minutes=1)


async def pond(town: Town) -> int:
    """Ann's community on three platforms, where Mo is moderator on Twitch and Dee talks on Discord."""
    made = await town.found()
    for channel in (TWITCH, DISCORD, SLACK):
        await town.attach(made.id, channel)
    await town.promote(made.id, await town.member(TWITCH, "mo"), Role.MODERATOR)
    await town.member(DISCORD, "dee")
    return made.id


async def in_chat(town: Town, community_id: int, account: tuple[str, str], later: timedelta = timedelta()) -> Role:
    """The role of an account, as it is or as it will be."""
    if not later:
        member = (
            await town.hear({"twitch": TWITCH, "discord": DISCORD, "slack": SLACK}[account[0]], account[1])
        ).member
        assert member is not None
        return member.assigned_role
    row = await ContextRepository(town.service.database).member(community_id, *account)
    assert row is not None
    return row.role_at(datetime.now(UTC) + later)


async def in_portal(town: Town, community_id: int, person_id: str, later: timedelta = timedelta()) -> Role:
    roles = RoleRepository(town.service.database)
    return (await roles.role_of_person(community_id, person_id, datetime.now(UTC) + later)).portal


async def test_a_person_who_was_made_of_an_account_has_its_role_at_once(town: Town) -> None:
    made = await pond(town)
    await town.link("merge-0", "person-mo", MO, founding=True)
    assert await in_chat(town, made, MO) is Role.MODERATOR
    assert await in_portal(town, made, "person-mo") is Role.MODERATOR
    # What is linked to it afterwards waits all the same.
    await town.link("merge-1", "person-mo", MO, DEE)
    assert await in_chat(town, made, DEE) is Role.VIEWER
    assert await in_chat(town, made, DEE, DAY) is Role.MODERATOR


@pytest.mark.promise("identity.5")
@pytest.mark.promise("community.15")
async def test_a_role_waits_for_a_day_after_a_link(town: Town) -> None:
    made = await pond(town)
    await town.link("merge-0", "person-dee", DEE)
    await town.link("merge-1", "person-dee", DEE, MO)
    assert await town.member(TWITCH, "mo") == await town.member(DISCORD, "dee")
    assert await in_chat(town, made, DEE) is Role.VIEWER
    assert await in_portal(town, made, "person-dee") is Role.VIEWER
    assert await in_chat(town, made, MO) is Role.MODERATOR
    assert await in_chat(town, made, DEE, DAY) is Role.MODERATOR
    assert await in_portal(town, made, "person-dee", DAY) is Role.MODERATOR


@pytest.mark.promise("identity.5")
@pytest.mark.promise("community.15")
async def test_a_role_waits_for_an_account_that_talks_here_only_after_its_link(town: Town) -> None:
    made = await pond(town)
    await town.link("merge-0", "person-mo", MO)
    await town.link("merge-1", "person-mo", MO, ("slack", "sly"))
    town.persons["slack", "sly"], town.linked_at = "person-mo", datetime.now(UTC)
    assert await in_chat(town, made, ("slack", "sly")) is Role.VIEWER
    assert await in_chat(town, made, MO) is Role.MODERATOR
    assert await in_chat(town, made, ("slack", "sly"), DAY) is Role.MODERATOR


@pytest.mark.promise("community.15")
async def test_the_owner_says_which_role_it_shall_be(town: Town) -> None:
    made = await pond(town)
    await town.link("merge-0", "person-dee", DEE)
    await town.link("merge-1", "person-dee", DEE, MO)
    await town.promote(made, await town.member(DISCORD, "dee"), Role.MODERATOR)
    assert await in_chat(town, made, DEE) is Role.MODERATOR
    assert await in_portal(town, made, "person-dee") is Role.MODERATOR


@pytest.mark.promise("identity.5")
@pytest.mark.promise("community.15")
@pytest.mark.parametrize(("leaving", "other"), [(DEE, MO), (MO, DEE)])
async def test_whoever_leaves_both_have_again_what_they_had(
    town: Town, leaving: tuple[str, str], other: tuple[str, str]
) -> None:
    made = await pond(town)
    mo, dee = await town.member(TWITCH, "mo"), await town.member(DISCORD, "dee")
    await town.link("merge-0", "person-dee", DEE)
    await town.link("merge-1", "person-dee", DEE, MO)
    for _ in range(2):
        await town.link("merge-1", "person-dee", leaving, undo=True)
    assert [await town.member(TWITCH, "mo"), await town.member(DISCORD, "dee")] == [mo, dee]
    for later in (timedelta(), DAY):
        assert await in_chat(town, made, MO, later) is Role.MODERATOR
        assert await in_chat(town, made, DEE, later) is Role.VIEWER
    stays = {MO: Role.MODERATOR, DEE: Role.VIEWER}[other]
    assert await in_portal(town, made, "person-dee", DAY) is stays


@pytest.mark.promise("community.15")
async def test_an_owner_stays_owner_through_links(town: Town) -> None:
    said = await town.say("!community create Otters", "bea", TWITCH, broadcaster=True)
    assert "attached" in said
    made = (await town.hear(TWITCH, "bea")).community.id
    await town.attach(made, DISCORD)
    await town.member(DISCORD, "dee")
    await town.link("merge-0", "person-dee", DEE)
    await town.link("merge-1", "person-dee", DEE, ("twitch", "bea"))
    assert await in_chat(town, made, ("twitch", "bea")) is Role.OWNER
    assert await in_chat(town, made, DEE) is Role.VIEWER
    await town.link("merge-1", "person-dee", DEE, undo=True)
    assert await in_chat(town, made, ("twitch", "bea"), DAY) is Role.OWNER
    assert await in_chat(town, made, DEE, DAY) is Role.VIEWER


async def test_a_role_that_was_taken_away_meanwhile_does_not_come_back(town: Town) -> None:
    made = await pond(town)
    await town.link("merge-0", "person-mo", MO)
    await town.link("merge-1", "person-mo", MO, DEE)
    await town.promote(made, await town.member(TWITCH, "mo"), Role.VIEWER)
    await town.link("merge-1", "person-mo", DEE, undo=True)
    assert await in_chat(town, made, MO, DAY) is Role.VIEWER
    assert await in_chat(town, made, DEE, DAY) is Role.VIEWER


async def test_a_role_that_was_given_meanwhile_stays_with_the_person(town: Town) -> None:
    made = await pond(town)
    await town.link("merge-0", "person-mo", MO)
    await town.link("merge-1", "person-mo", MO, DEE)
    await town.promote(made, await town.member(TWITCH, "mo"), Role.ADMIN)
    await town.link("merge-1", "person-mo", DEE, undo=True)
    assert await in_chat(town, made, MO) is Role.ADMIN
    assert await in_chat(town, made, DEE) is Role.VIEWER


async def test_an_account_without_a_member_of_its_own_starts_anew(town: Town) -> None:
    made = await pond(town)
    await town.link("merge-0", "person-mo", MO)
    await town.link("merge-1", "person-mo", MO, ("slack", "sly"))
    town.persons["slack", "sly"] = "person-mo"
    assert await town.member(SLACK, "sly") == await town.member(TWITCH, "mo")
    town.persons.clear()
    await town.link("merge-1", "person-mo", ("slack", "sly"), undo=True)
    assert await town.member(SLACK, "sly") != await town.member(TWITCH, "mo")
    assert await in_chat(town, made, ("slack", "sly"), DAY) is Role.VIEWER


async def test_who_came_with_the_newest_account_alone_goes_with_it(town: Town) -> None:
    made = await pond(town)
    mo = await town.member(TWITCH, "mo")
    await town.link("merge-1", "person-eve", ("slack", "eve"), MO)
    town.persons["slack", "eve"], town.linked_at = "person-eve", datetime.now(UTC)
    assert await town.member(SLACK, "eve") == mo
    assert await in_portal(town, made, "person-eve") is Role.VIEWER
    assert await in_chat(town, made, ("slack", "eve")) is Role.VIEWER
    town.persons.clear()
    await town.link("merge-1", "person-eve", MO, undo=True)
    assert await town.member(TWITCH, "mo") == mo
    assert await town.member(SLACK, "eve") != mo
    assert await in_portal(town, made, "person-eve", DAY) is Role.VIEWER


async def test_two_accounts_of_a_person_who_talk_first_at_once_are_one_member(town: Town) -> None:
    await pond(town)
    town.persons["slack", "kim"] = town.persons["discord", "kim"] = "person-kim"
    members = await asyncio.gather(town.member(SLACK, "kim"), town.member(DISCORD, "kim"))
    assert members[0] == members[1]


@pytest.mark.promise("community.16")
async def test_a_moderator_of_the_platform_is_moderator_in_the_portal_until_unmodded(town: Town) -> None:
    made = await pond(town)
    town.persons["twitch", "kim"] = "person-kim"
    await town.member(TWITCH, "kim")
    assert await in_portal(town, made, "person-kim") is Role.VIEWER
    for role, expected in ((Role.MODERATOR, Role.MODERATOR), (Role.VIEWER, Role.VIEWER)):
        seen = community.PlatformRole(TWITCH, "kim", role)
        await town.inst.client("twitch").call("community", community.PLATFORM_ROLES, seen)
        asked = community.RoleOf(made, "person-kim")
        told = await town.inst.client("portal").call("community", community.ROLE_OF, asked)
        assert (told.assigned, told.portal) == (Role.VIEWER, expected)


async def test_what_an_account_may_do_and_whose_it_is(town: Town) -> None:
    made = await pond(town)

    async def told(platform: str, user_id: str, here: int = made) -> community.AccountRole:
        asked = community.AccountOf(here, platform, user_id)
        answer: community.AccountRole = await town.inst.client("alias").call(
            "community", community.ROLE_OF_ACCOUNT, asked
        )
        return answer

    assert (await told(*MO)).role is Role.MODERATOR
    assert await told("twitch", "stranger") == community.AccountRole()
    assert (await told(*MO, here=made + 1)).role is Role.VIEWER
    seen = community.PlatformRole(TWITCH, "kim", Role.OWNER)
    await town.inst.client("twitch").call("community", community.PLATFORM_ROLES, seen)
    await town.member(TWITCH, "kim")
    assert (await told("twitch", "kim")).role is Role.OWNER
    await town.link("merge-0", "person-dee", DEE)
    await town.link("merge-1", "person-dee", DEE, MO)
    dee, mo = await told(*DEE), await told(*MO)
    assert (dee.role, mo.role, dee.member_id) == (Role.VIEWER, Role.MODERATOR, mo.member_id)
    assert [(one.platform, one.user_id) for one in dee.accounts] == [("discord", "dee"), ("twitch", "mo")]
