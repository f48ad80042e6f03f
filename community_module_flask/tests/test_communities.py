"""Whose a channel is, who is a member, and who may change whom."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from community_module_flask.joining_repository import JoiningRepository
from community_module_flask.tests.conftest import Town
from flask_core.contracts import community
from flask_core.database import UniqueViolation
from flask_core.datamodels import Role
from flask_core.errors import Conflict, Forbidden, NotFound


@pytest.mark.promise("community.1")
async def test_an_unattached_channel_belongs_to_everybody_and_makes_nobody_owner(town: Town) -> None:
    context = await town.hear("console:9:main", "dee", {"broadcaster": True})
    assert (context.community.id, context.channel.known) == (community.GLOBAL_COMMUNITY, False)
    assert context.member is not None
    assert context.member.assigned_role is Role.VIEWER


@pytest.mark.promise("community.4")
async def test_twenty_first_messages_at_once_make_one_member_who_is_new_once(town: Town) -> None:
    made = await town.found()
    await town.attach(made.id, "console:1:main")
    heard = await asyncio.gather(*(town.hear("console:1:main", "dee") for _ in range(20)))
    members = [context.member for context in heard if context.member is not None]
    assert len({member.id for member in members}) == 1
    assert [member.first_message for member in members].count(True) == 1


@pytest.mark.promise("community.5")
async def test_of_two_communities_with_one_name_one_is_made(town: Town) -> None:
    told = await asyncio.gather(town.found("Penguins"), town.found("penguins", "ben"), return_exceptions=True)
    assert sorted(type(one).__name__ for one in told) == ["Community", "Conflict"]


@pytest.mark.promise("community.6")
async def test_a_channel_is_taken_until_it_is_detached(town: Town) -> None:
    ours, theirs = await town.found(), await town.found(who="ben")
    await town.attach(ours.id, "console:1:main")
    with pytest.raises(Conflict):
        await town.attach(theirs.id, "console:1:main")
    await town.ask(community.DETACH, community.ChannelOf(ours.id, "console:1:main"), "ann", home=ours.id)
    await town.attach(theirs.id, "console:1:main")
    assert (await town.hear("console:1:main", "dee")).community.id == theirs.id


@pytest.mark.promise("community.8")
async def test_nobody_touches_an_equal_or_grants_what_they_are(town: Town) -> None:
    made, room = await town.found(), "console:1:main"
    await town.attach(made.id, room)
    mo = await town.settled("mo", Role.MODERATOR, made.id, room)
    max_ = await town.settled("max", Role.MODERATOR, made.id, room)
    await town.settled("ada", Role.ADMIN, made.id, room)
    for asked in (community.Ban(made.id, max_), community.Ban(made.id, mo)):
        with pytest.raises(Forbidden):
            await town.ask(community.BAN, asked, "mo", home=made.id)
    with pytest.raises(Forbidden, match="Only the owner can make admins"):
        await town.promote(made.id, mo, Role.ADMIN, "ada")
    with pytest.raises(Forbidden):
        await town.promote(made.id, mo, Role.OWNER)
    owner = (
        await town.ask(community.MEMBERS, community.ListMembers(made.id, role="owner"), "ann", home=made.id)
    ).items[0]
    with pytest.raises(Forbidden, match="Hand the community over first"):
        await JoiningRepository(town.service.database).leave(made.id, owner.id, "ann", datetime.now(UTC))


@pytest.mark.promise("community.9")
async def test_the_database_refuses_a_second_owner(town: Town) -> None:
    made, now = await town.found(), datetime.now(UTC)
    insert = (
        "INSERT INTO community_members (id, community_id, name, status, role, spoken, joined_at, last_seen_at)"
        " VALUES (?, ?, 'Eve', 'active', 6, ?, ?, ?)"
    )
    with pytest.raises(UniqueViolation):
        await town.service.database.write(lambda tx: tx.run(insert, "eve", made.id, False, now, now))


@pytest.mark.promise("community.13")
async def test_a_new_role_counts_from_the_next_message_on(town: Town) -> None:
    made, room = await town.found(), "console:1:main"
    await town.attach(made.id, room)
    dee = await town.member(room, "dee")
    await town.promote(made.id, dee, Role.MODERATOR)
    member = (await town.hear(room, "dee")).member
    assert member is not None
    assert member.assigned_role is Role.MODERATOR


async def test_a_ban_silences_and_its_end_restores(town: Town) -> None:
    made, room = await town.found(), "console:1:main"
    await town.attach(made.id, room)
    dee = await town.member(room, "dee")
    await town.ask(community.BAN, community.Ban(made.id, dee, "spam"), "ann", home=made.id)
    member = (await town.hear(room, "dee")).member
    assert member is not None
    assert member.status == "banned"
    await town.ask(community.UNBAN, community.MemberOf(made.id, dee), "ann", home=made.id)
    member = (await town.hear(room, "dee")).member
    assert member is not None
    assert member.status == "active"


@pytest.mark.promise("community.15")
async def test_two_members_become_one_person_and_apart_again(town: Town) -> None:
    made = await town.found()
    await town.attach(made.id, "console:1:main")
    await town.attach(made.id, "twitch:5:5")
    dee, kim = await town.member("console:1:main", "dee"), await town.member("twitch:5:5", "kim")
    assert dee != kim
    asked = community.LinkPeople("merge-1", "person-dee", (("console", "dee"), ("twitch", "kim")))
    for _ in range(2):
        await town.inst.client("identity").call("community", community.LINK, asked)
    assert await town.member("twitch:5:5", "kim") == dee
    parted = community.LinkPeople("merge-1", "person-dee", (("twitch", "kim"),))
    await town.inst.client("identity").call("community", community.UNLINK, parted)
    assert await town.member("twitch:5:5", "kim") == kim


@pytest.mark.promise("community.17")
async def test_a_private_community_does_not_exist_for_others(town: Town) -> None:
    made = await town.found("Secret pond")
    asked = community.PatchCommunity(made.id, made.version, public=False)
    await town.ask(community.PATCH, asked, "ann", home=made.id)
    owner = (await town.ask(community.MEMBERS, community.ListMembers(made.id), "ann")).items[0]
    for operation, request in (
        (community.GET, community.CommunityId(made.id)),
        (community.MEMBERS, community.ListMembers(made.id)),
        (community.MEMBER, community.MemberOf(made.id, owner.id)),
    ):
        with pytest.raises(NotFound, match="No such community"):
            await town.ask(operation, request, "eve")
        assert await town.ask(operation, request, "ann")
    for who in ("eve", "ann"):
        assert (await town.ask(community.LIST, community.ListCommunities("secret"), who)).items == ()
