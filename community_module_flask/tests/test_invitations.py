"""Invitations: by link and for one member, as often and as long as they say, below the own rank."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from community_module_flask.invitation_repository import MOST_LIVE, InvitationRepository
from community_module_flask.invitations import Invitations
from community_module_flask.publishing import Publisher
from community_module_flask.retention import Retention
from community_module_flask.tests.conftest import Town, new_town
from community_module_flask.tests.test_joining import TWITCH, number_of, pond, status
from flask_core.auth import hashed
from flask_core.contracts import community, joining
from flask_core.database import AsyncDAL
from flask_core.datamodels import Role
from flask_core.errors import Conflict, Forbidden, Gone, InvalidInput, LimitReached, NotFound


async def closed(town: Town) -> int:
    """Ann's community, which only who is invited comes into."""
    made = await town.found()
    await town.attach(made.id, TWITCH)
    await town.ask(community.PATCH, community.PatchCommunity(made.id, 1, join_mode="invite"), "ann", home=made.id)
    return made.id


async def link(town: Town, community_id: int, who: str = "ann", **fields: Any) -> str:
    asked = joining.MakeInvitation(community_id, **fields)
    made: joining.NewInvitation = await town.ask(joining.INVITE, asked, who, home=community_id)
    return made.token


async def accept(town: Town, token: str, who: str) -> int:
    answer: community.CommunityId = await town.ask(joining.ACCEPT, joining.InvitationToken(token), who)
    return answer.community_id


async def members(town: Town, community_id: int) -> dict[str, Role]:
    asked = community.ListMembers(community_id, status="active", per_page=100)
    listed = await town.ask(community.MEMBERS, asked, "ann", home=community_id)
    return {one.name: one.role for one in listed.items}


def at(town: Town, later: timedelta) -> Invitations:
    """Another replica, whose clock is `later`."""
    service = town.service
    return Invitations(
        InvitationRepository(service.database),
        Publisher(service.shared, town.contexts(), service.database.after_commit),
        days=7,
        now=lambda: datetime.now(UTC) + later,
    )


@pytest.mark.promise("community.11")
async def test_a_public_community_by_invitation_needs_one(town: Town) -> None:
    made = await closed(town)
    assert (await town.ask(community.GET, community.CommunityId(made), "eve")).public
    refused = "By invitation only. Ask a moderator for a link."
    assert await town.say("!community join", "eve", TWITCH) == refused
    assert await status(town, "eve") == "guest"
    assert await town.say(f"!community join {made}", "eve", "twitch:9:9") == refused
    with pytest.raises(Forbidden, match="By invitation only"):
        await town.ask(joining.JOIN, joining.JoinCommunity(made), "eve")
    with pytest.raises(Forbidden, match="By invitation only"):
        await town.ask(joining.JOIN, joining.JoinCommunity(made), "kim")
    assert await town.say(f"!community join {made}", "kim", "twitch:9:9") == refused
    assert (await town.ask(joining.STANDING, community.CommunityId(made), "kim")).status is None
    everybody = await town.ask(community.MEMBERS, community.ListMembers(made), "ann", home=made)
    assert [one.name for one in everybody.items] == ["Ann", "Eve"]
    token = await link(town, made)
    shown = await town.ask(joining.LOOK_INTO, joining.InvitationToken(token), "eve")
    assert (shown.community_id, shown.role, shown.invited_by, shown.status) == (made, Role.VIEWER, "Ann", None)
    assert await accept(town, token, "eve") == made
    assert await members(town, made) == {"Ann": Role.OWNER, "Eve": Role.VIEWER}


@pytest.mark.promise("community.11")
async def test_a_link_for_one_that_many_accept_at_once_admits_one(town: Town) -> None:
    made = await closed(town)
    for uses in (1, 3):
        token = await link(town, made, uses=uses)
        before = len(await members(town, made))
        people = [f"eve-{uses}-{number}" for number in range(8)]
        told = await asyncio.gather(*(accept(town, token, who) for who in people), return_exceptions=True)
        assert [type(one) for one in told if one != made] == [Gone] * (8 - uses)
        assert len(await members(town, made)) == before + uses


@pytest.mark.promise("community.11")
async def test_the_last_use_is_taken_by_the_update_itself(town: Town) -> None:
    """The second waits at the row until the first is committed; on SQLite it waits for the only writer."""
    made = await closed(town)
    token = await link(town, made)
    took, may_commit = asyncio.Event(), asyncio.Event()
    repository, now = InvitationRepository(town.service.database), datetime.now(UTC)

    async def slow() -> None:
        async with town.service.database.transaction():
            await repository.accept(hashed(token), "person-eve", "Eve", now)
            took.set()
            await may_commit.wait()

    first = asyncio.create_task(slow())
    await took.wait()
    second = asyncio.create_task(accept(town, token, "kim"))
    if town.service.database.dialect == "postgres":
        await one_waits_at_a_row(town.service.database)
    may_commit.set()
    await first
    with pytest.raises(Gone):
        await second
    assert "Kim" not in await members(town, made)


async def one_waits_at_a_row(database: AsyncDAL) -> None:
    """PostgreSQL shows a session that cannot go on before another one ends."""
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    async with asyncio.timeout(10):
        while not await database.read(lambda tx: tx.value(waiting)):  # noqa: ASYNC110 - the database tells nobody
            await asyncio.sleep(0)


async def test_one_person_at_two_doors_uses_a_link_once(town: Town) -> None:
    made = await closed(town)
    token = await link(town, made, uses=5)
    told = await asyncio.gather(*(accept(town, token, "eve") for _ in range(4)), return_exceptions=True)
    assert sorted(type(one).__name__ for one in told) == ["Conflict", "Conflict", "Conflict", "int"]
    live = await town.ask(joining.INVITATIONS, community.CommunityId(made), "ann", home=made)
    assert [(one.uses, one.max_uses) for one in live.items] == [(1, 5)]


async def test_an_invitation_gives_its_role_and_lets_requests_rest(town: Town) -> None:
    await pond(town)
    made = (await town.hear(TWITCH, "bea")).community.id
    town.persons["twitch", "kim"] = "person-kim"
    await number_of(town, "kim")
    said = await town.say("!community invite kim vip", "bea", TWITCH)
    assert said == "Asked Kim to join as vip: !community join (7 days)."
    assert (await town.ask(joining.STANDING, community.CommunityId(made), "kim")).invited
    assert await town.say("!community join", "kim", TWITCH) == "Welcome to «Penguins»."
    assert await town.say("!community members", "kim", TWITCH) == "Bea (owner), Kim (vip) (page 1/1)"
    assert await town.say("!community requests", "bea", TWITCH) == "Nobody asks to come in."
    assert await town.say("!community invite kim", "bea", TWITCH) == "Kim is in already."


async def test_nobody_invites_to_a_role_that_they_could_not_give(town: Town) -> None:
    await pond(town)
    made = (await town.hear(TWITCH, "bea")).community.id
    await town.member(TWITCH, "dee")
    for role in ("moderator", "admin", "owner"):
        said = await town.say(f"!community invite dee {role}", "mo", TWITCH, moderator=True)
        assert said == "You may invite up to vip."
    assert await town.say("!community invite dee subscriber", "bea", TWITCH) == "You may invite up to admin."
    assert (await town.say("!community invite dee admin", "bea", TWITCH)).startswith("Asked Dee to join as admin")
    assert await town.say("!community invite dee", "dee", TWITCH) == "Only moderators can do that."
    with pytest.raises(Forbidden):
        await town.ask(joining.INVITE, joining.MakeInvitation(made), "eve", home=made)


async def test_what_somebody_handed_out_ends_with_the_right_to_hand_it_out(town: Town) -> None:
    made = await closed(town)
    town.persons["twitch", "ada"] = "person-ada"
    ada = await town.settled("ada", Role.ADMIN, made, TWITCH)
    tokens = [await link(town, made, "ada", role=role, uses=3) for role in (Role.VIP, Role.MODERATOR)]
    await town.promote(made, ada, Role.MODERATOR)
    await accept(town, tokens[0], "eve")
    with pytest.raises(Gone):
        await accept(town, tokens[1], "kim")
    await town.ask(joining.REMOVE, joining.RemoveMember(made, ada), "ann", home=made)
    with pytest.raises(Gone):
        await accept(town, tokens[0], "kim")


async def test_an_invitation_is_ended_by_who_stands_above_it(town: Town) -> None:
    made = await closed(town)
    town.persons["twitch", "mo"] = "person-mo"
    await town.settled("mo", Role.MODERATOR, made, TWITCH)
    high, low = await link(town, made, role=Role.ADMIN), await link(town, made)
    live = (await town.ask(joining.INVITATIONS, community.CommunityId(made), "mo", home=made)).items
    assert [(one.role, one.invited_by) for one in live] == [(Role.VIEWER, "Ann"), (Role.ADMIN, "Ann")]
    await town.ask(joining.END_INVITATION, joining.InvitationOf(made, live[0].id), "mo", home=made)
    with pytest.raises(Forbidden, match="This invitation makes a admin"):
        await town.ask(joining.END_INVITATION, joining.InvitationOf(made, live[1].id), "mo", home=made)
    with pytest.raises(NotFound):
        await town.ask(joining.END_INVITATION, joining.InvitationOf(made, live[0].id), "mo", home=made)
    with pytest.raises(Gone):
        await accept(town, low, "eve")
    assert await accept(town, high, "eve") == made
    other = (await town.found(who="ben")).id
    with pytest.raises(NotFound):
        await town.ask(joining.END_INVITATION, joining.InvitationOf(other, live[1].id), "ben", home=other)


async def test_a_link_is_over_after_its_time_and_unknown_ones_never_were(town: Town) -> None:
    made = await closed(town)
    token = await link(town, made, seconds=3_600)
    for look in (
        at(town, timedelta(hours=1)).look_into(token, "x"),
        at(town, timedelta(hours=1)).accept(token, "x", "X"),
    ):
        with pytest.raises(Gone, match="used or is over"):
            await look
    assert await at(town, timedelta(minutes=59)).accept(token, "person-eve", "Eve") == made
    with pytest.raises(NotFound, match="There is no such invitation"):
        await accept(town, "guessed", "eve")


async def test_somebody_banned_does_not_come_back_by_a_link(town: Town) -> None:
    made = await closed(town)
    token = await link(town, made, uses=2)
    await accept(town, token, "eve")
    with pytest.raises(Conflict, match="already"):
        await accept(town, token, "eve")
    eve = (await town.ask(community.MEMBERS, community.ListMembers(made, q="eve"), "ann", home=made)).items[0]
    await town.ask(community.BAN, community.Ban(made, eve.id), "ann", home=made)
    with pytest.raises(Forbidden, match="You are banned"):
        await accept(town, token, "eve")
    assert await accept(town, token, "kim") == made


@pytest.mark.parametrize(
    ("fields", "field"), [({"uses": 0}, "uses"), ({"uses": 1_001}, "uses"), ({"seconds": 59}, "seconds"),
                          ({"seconds": 31 * 86_400}, "seconds"), ({"seconds": -1}, "seconds")],
)  # fmt: skip
async def test_what_cannot_be_an_invitation_is_refused(town: Town, fields: dict[str, int], field: str) -> None:
    made = await closed(town)
    with pytest.raises(InvalidInput) as refused:
        await link(town, made, **fields)
    assert refused.value.details["field"] == field


async def test_a_hundred_open_invitations_are_enough(town: Town) -> None:
    made = await closed(town)
    for _ in range(MOST_LIVE):
        await link(town, made)
    with pytest.raises(LimitReached, match="There are 100 open invitations"):
        await link(town, made)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("", "For 1 person, as viewer, 7 days: https://bot.example/i/"),
        ("vip 5 2d", "For 5 people, as vip, 2 days: https://bot.example/i/"),
        ("12h regular", "For 1 person, as regular, 12 h: https://bot.example/i/"),
        ("vip regular", "Usage: !community invite [member] [role] [uses] [7d]"),
        ("@", "Usage: !community invite [member] [role] [uses] [7d]"),
        ("@vip", "Nobody called vip was seen here."),
        ("60d", "An invitation holds for a minute to 30 days."),
    ],
)
async def test_the_words_of_an_invitation_say_by_their_looks_what_they_are(town: Town, words: str, said: str) -> None:
    await pond(town, "invite")
    assert (await town.say(f"!community invite {words}".strip(), "bea", TWITCH)).startswith(said)


async def test_a_link_goes_to_the_inviter_alone(town: Town) -> None:
    made = await pond(town, "invite")
    link, public = await town.actions("!community invite", "bea", TWITCH)
    assert (link.private, public.private) == (True, False)
    assert "/i/" not in public.text + link.public_fallback
    token = link.text.partition("/i/")[2]
    assert await accept(town, token, "eve") == made
    kept = await town.service.database.read(lambda tx: tx.rows("SELECT * FROM community_invitations"))
    assert token not in str(kept)


async def test_without_a_public_address_only_somebody_who_is_named_is_invited(database_url: str) -> None:
    async with new_town(database_url) as town:
        await pond(town, "invite")
        said = await town.say("!community invite", "bea", TWITCH)
        assert said == "There is no public address to link to. Name somebody: !community invite <member>"
        await town.member(TWITCH, "eve")
        assert (await town.say("!community invite eve", "bea", TWITCH)).startswith("Asked Eve to join")
        assert await town.say("!community join", "eve", TWITCH) == "Welcome to «Penguins»."


async def test_requests_invitations_and_guests_are_forgotten_in_time(town: Town) -> None:
    await pond(town)
    made = (await town.hear(TWITCH, "bea")).community.id
    await number_of(town, "ann")
    refused = await number_of(town, "gil")
    await town.say(f"!community deny {refused}", "bea", TWITCH)
    await town.member(TWITCH, "eve")
    await town.say("!community invite eve", "bea", TWITCH)
    service = town.service

    async def sweep(days: int) -> tuple[int, ...]:
        now = datetime.now(UTC) + timedelta(days=days)
        await Retention(service.database, service.shared, "other", lambda: now).sweep()
        tables = ("community_requests", "community_invitations", "community_members WHERE status <> 'active'")
        return await service.database.read(
            lambda tx: tuple(tx.value(f"SELECT count(*) FROM {table}") for table in tables)
        )

    assert await sweep(36) == (2, 1, 3)
    assert await sweep(38) == (2, 0, 3)
    assert await sweep(89) == (2, 0, 3)
    assert await status(town, "ann") == "pending"
    assert await sweep(91) == (0, 0, 0)
    assert (await town.hear(TWITCH, "ann")).community.id == made
