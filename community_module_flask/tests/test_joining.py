"""Coming in where moderators decide: guests, requests, and members whom moderators add and remove."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from community_module_flask.ban_repository import BanRepository
from community_module_flask.joining import Joining
from community_module_flask.joining_repository import Asking, JoiningRepository
from community_module_flask.member_repository import MemberRepository
from community_module_flask.publishing import Publisher
from community_module_flask.tests.conftest import Town
from flask_core.contracts import community, joining
from flask_core.datamodels import Role
from flask_core.errors import Conflict, Forbidden, NotFound

TWITCH, DISCORD, ELSEWHERE = "twitch:1:1", "discord:7:70", "twitch:9:9"


async def pond(town: Town, join: str = "approval") -> int:
    """Bea's stream is a community whose door is not simply open."""
    await town.say("!community create Penguins", "bea", TWITCH, broadcaster=True)
    made = (await town.hear(TWITCH, "bea")).community.id
    assert await town.say(f"!community set join {join}", "bea", TWITCH) == f"Join is now: {join}."
    return made


async def status(town: Town, user: str, channel: str = TWITCH) -> str:
    member = (await town.hear(channel, user)).member
    assert member is not None
    return member.status


async def number_of(town: Town, user: str, words: str = "") -> str:
    """Somebody asks to come in; the number of the request."""
    said = await town.say(f"!community join {words}".strip(), user, TWITCH)
    assert said.startswith("Request #"), said
    return said.split("#")[1].split(" ")[0]


def coming_at(town: Town, later: timedelta) -> Joining:
    """Another replica, whose clock is `later`."""
    service = town.service
    return Joining(
        JoiningRepository(service.database),
        MemberRepository(service.database),
        Publisher(service.shared, town.contexts(), service.database.after_commit),
        lambda: datetime.now(UTC) + later,
    )


@pytest.mark.promise("community.10")
async def test_a_guest_writes_asks_and_appears_when_a_moderator_says_yes(town: Town) -> None:
    await pond(town)
    ann = await town.member(TWITCH, "ann")
    assert await status(town, "ann") == "guest"
    assert (await town.say("!community info", "ann", TWITCH)).startswith("«Penguins»")
    hidden = "Only members can see who is in. You are a guest here: !community join"
    assert await town.say("!community members", "ann", TWITCH) == hidden
    assert await town.say("!community members", "bea", TWITCH) == "Bea (owner) (page 1/1)"
    said = await town.say("!community join hi, I know Bea", "ann", TWITCH)
    number = said.split("#")[1].split(" ")[0]
    assert said == f"Request #{number} sent. A moderator of «Penguins» decides."
    assert await status(town, "ann") == "pending"
    again = await town.say("!community join", "ann", TWITCH)
    assert again == "Your request waits for a moderator already."
    assert await town.say("!community requests", "ann", TWITCH) == "Only moderators can do that."
    listed = await town.say("!community requests", "mo", TWITCH, moderator=True)
    assert listed.startswith(f"#{number} Ann (twitch), ")
    assert listed.endswith("ago: «hi, I know Bea»")
    assert await town.say(f"!community accept {number}", "mo", TWITCH, moderator=True) == "Ann is in."
    assert await status(town, "ann") == "active"
    assert await town.member(TWITCH, "ann") == ann
    assert "Ann" in await town.say("!community members", "ann", TWITCH)
    assert await town.say(f"!community accept {number}", "bea", TWITCH) == "Ann was accepted already."
    assert await town.say(f"!community deny {number}", "bea", TWITCH) == "Ann was accepted already."
    assert await town.say("!community accept 4711", "bea", TWITCH) == "There is no request #4711 here."
    assert await town.say("!community requests", "bea", TWITCH) == "Nobody asks to come in."
    assert await town.say("!community join", "ann", TWITCH) == "You are in already."


@pytest.mark.promise("community.10")
async def test_whoever_was_refused_waits_for_seven_days(town: Town) -> None:
    made = await pond(town)
    number = await number_of(town, "ann")
    said = await town.say(f"!community deny {number} we do not know you", "bea", TWITCH)
    assert said == "Ann was refused and may ask again in 7 days."
    assert await status(town, "ann") == "guest"
    refused = await town.say("!community join", "ann", TWITCH)
    assert refused.startswith("You were refused. You may ask again in ")
    asking = Asking(made, await town.member(TWITCH, "ann"), "ann", "twitch", "")
    with pytest.raises(Forbidden, match="You were refused"):
        await coming_at(town, timedelta(days=6, hours=23)).join(asking)
    assert (await coming_at(town, timedelta(days=7, minutes=1)).join(asking)).status == "pending"


async def test_a_request_is_another_communitys_nobody_else_can_answer(town: Town) -> None:
    await pond(town)
    number = await number_of(town, "ann")
    await town.say("!community create Otters", "eve", DISCORD, admin=True)
    assert await town.say(f"!community accept {number}", "eve", DISCORD) == f"There is no request #{number} here."
    assert await status(town, "ann") == "pending"


async def test_a_request_can_be_taken_back_and_a_guest_has_nothing_to_leave(town: Town) -> None:
    await pond(town)
    assert await town.say("!community leave", "ann", TWITCH) == "You are a guest here, there is nothing to leave."
    await number_of(town, "ann")
    assert await town.say("!community leave", "ann", TWITCH) == "Your request is taken back."
    assert await status(town, "ann") == "guest"
    assert await town.say("!community requests", "bea", TWITCH) == "Nobody asks to come in."
    number = await number_of(town, "ann")
    await town.say(f"!community accept {number}", "bea", TWITCH)
    await town.say("!community leave", "ann", TWITCH)
    assert await status(town, "ann") == "left"
    assert (await town.say("!community join", "ann", TWITCH)).startswith("Request #")


async def test_whoever_moderates_for_the_platform_is_no_guest(town: Town) -> None:
    await pond(town)
    assert (await town.hear(TWITCH, "mo", {"moderator": True})).member.status == "active"  # type: ignore[union-attr]
    assert (await town.hear(TWITCH, "vi", {"vip": True})).member.status == "guest"  # type: ignore[union-attr]


async def test_five_requests_are_listed_and_how_many_more_there_are(town: Town) -> None:
    await pond(town)
    for number in range(6):
        await number_of(town, f"ann-{number}")
    listed = await town.say("!community requests", "bea", TWITCH)
    assert listed.count("; ") == 4
    assert listed.endswith("(+1 more: !community requests 2)")
    assert "Ann-5" in await town.say("!community requests 2", "bea", TWITCH)


async def test_an_open_door_lets_guests_in_and_answers_who_asked(town: Town) -> None:
    made = await pond(town)
    await number_of(town, "ann")
    await town.member(TWITCH, "gil")
    await town.say("!community set join open", "bea", TWITCH)
    assert [await status(town, who) for who in ("ann", "gil", "new")] == ["active"] * 3
    asked = joining.ListRequests(made, "accepted")
    await town.link("merge-1", "person-bea", ("twitch", "bea"))
    found = await coming_at(town, timedelta()).requests(asked)
    assert [one.name for one in found.items] == ["Ann"]


async def test_joining_works_from_anywhere_by_name(town: Town) -> None:
    await town.say("!community create Penguins", "bea", TWITCH, broadcaster=True)
    assert await town.say("!community join penguins", "dee", ELSEWHERE) == "Welcome to «Penguins»."
    assert (await town.say("!community list", "dee", ELSEWHERE)).startswith("#")
    assert await town.say("!community join penguins", "dee", ELSEWHERE) == "You are in already."
    nowhere = await town.say("!community join nobody", "dee", ELSEWHERE)
    assert nowhere == "No community of that name that you can see."
    assert await town.say("!community join nobody", "eve", TWITCH) == nowhere
    made_up = await town.say("!community join penguins", "dee", "console:9:main")
    assert made_up == "The people of the playground are made up. They stay in its community."


async def test_moderators_add_guests_at_once_and_ask_others(town: Town) -> None:
    await pond(town)
    await town.member(TWITCH, "gil")
    assert await town.say("!community add user gil", "gil", TWITCH) == "Only moderators can do that."
    assert await town.say("!community add user gil", "mo", TWITCH, moderator=True) == "Gil is in."
    assert await status(town, "gil") == "active"
    assert await town.say("!community add user gil", "bea", TWITCH) == "Gil is in already."
    await town.say("!community leave", "gil", TWITCH)
    asked = await town.say("!community add user gil", "bea", TWITCH)
    assert asked == "Asked Gil to join: !community join (7 days)."
    assert await status(town, "gil") == "left"
    assert await town.say("!community join", "gil", TWITCH) == "Welcome to «Penguins»."
    await town.say("!community leave", "gil", TWITCH)
    assert (await town.say("!community join", "gil", TWITCH)).startswith("Request #")
    assert await town.say("!community add user nobody", "bea", TWITCH) == "Nobody called nobody was seen here."


async def test_members_below_oneself_are_removed_and_ask_again(town: Town) -> None:
    made = await pond(town)
    for name in ("dee", "mo", "max"):
        await town.member(TWITCH, name)
        await town.say(f"!community add user {name}", "bea", TWITCH)
    for name in ("mo", "max"):
        await town.say(f"!community role {name} moderator", "bea", TWITCH)
    equal = await town.say("!community remove user max", "mo", TWITCH)
    assert equal == "You cannot remove somebody who is moderator; you are moderator."
    assert await town.say("!community remove user dee no fish", "mo", TWITCH) == "Dee was removed."
    assert await status(town, "dee") == "left"
    assert await town.say("!community remove user dee", "mo", TWITCH) == "Dee is no member."
    assert (await town.say("!community join", "dee", TWITCH)).startswith("Request #")
    written = "SELECT action, after FROM community_audit WHERE community_id = ? AND action LIKE 'member.remove'"
    kept = await town.service.database.read(lambda tx: tx.rows(written, made))
    assert [tuple(row) for row in kept] == [("member.remove", "no fish")]


async def test_a_banned_guest_comes_back_as_a_guest(town: Town) -> None:
    await pond(town)
    number = await number_of(town, "ann")
    await town.say("!community ban ann", "bea", TWITCH)
    assert await town.say("!community requests", "bea", TWITCH) == "Nobody asks to come in."
    assert await town.say(f"!community accept {number}", "bea", TWITCH) == f"There is no request #{number} here."
    assert await town.say("!community join", "ann", TWITCH) == "You are banned here. Only a moderator can change that."
    await town.say("!community unban ann", "bea", TWITCH)
    assert await status(town, "ann") == "guest"


async def test_a_ban_at_the_same_moment_holds_whatever_its_member_does(town: Town) -> None:
    made = await pond(town)
    people = [f"ann-{number}" for number in range(8)]
    ids = {who: await town.member(TWITCH, who) for who in people}
    for who in people[::2]:
        await town.say(f"!community add user {who}", "bea", TWITCH)
    joins, rows, now = coming_at(town, timedelta()), BanRepository(town.service.database), datetime.now(UTC)
    moves = [
        joins.leave(made, ids[who], who) if number % 2 == 0 else joins.join(Asking(made, ids[who], who, "twitch", ""))
        for number, who in enumerate(people)
    ]
    bans = [rows.ban(made, ids[who], Role.OWNER, "bea", now, reason="", seconds=0) for who in people]
    both = [call for pair in zip(moves, bans, strict=True) for call in pair]
    told = await asyncio.gather(*both, return_exceptions=True)
    assert not [one for one in told[1::2] if isinstance(one, BaseException)]
    kept = "SELECT status FROM community_members WHERE id = ?"
    found = await town.service.database.read(lambda tx: {tx.value(kept, one) for one in ids.values()})
    assert found == {"banned"}


async def test_a_guest_who_is_given_a_role_is_in(town: Town) -> None:
    await pond(town)
    await number_of(town, "ann")
    await town.say("!community role ann vip", "bea", TWITCH)
    assert await status(town, "ann") == "active"
    assert await town.say("!community requests", "bea", TWITCH) == "Nobody asks to come in."


async def test_linked_accounts_are_in_together_and_guests_again_apart(town: Town) -> None:
    made = await pond(town)
    await town.attach(made, DISCORD)
    await town.member(TWITCH, "kim")
    await town.say("!community add user kim", "bea", TWITCH)
    await number_of(town, "ann")
    await town.link("merge-1", "person-kim", ("twitch", "ann"), ("twitch", "kim"))
    assert await status(town, "ann") == "active"
    assert await town.say("!community requests", "bea", TWITCH) == "Nobody asks to come in."
    await town.link("merge-1", "person-kim", ("twitch", "kim"), undo=True)
    assert [await status(town, "ann"), await status(town, "kim")] == ["guest", "active"]
    # Who was removed as one person is out as two.
    await town.link("merge-2", "person-kim", ("twitch", "ann"), ("twitch", "kim"))
    await town.say("!community remove user ann", "bea", TWITCH)
    await town.link("merge-2", "person-kim", ("twitch", "kim"), undo=True)
    assert await status(town, "kim") == "left"


async def test_a_person_joins_leaves_and_is_told_how_they_stand(town: Town) -> None:
    made = await pond(town)
    here = community.CommunityId(made)

    async def standing() -> joining.Standing:
        told: joining.Standing = await town.ask(joining.STANDING, here, "kim")
        return told

    assert (await standing()).status is None
    with pytest.raises(NotFound):
        await town.ask(joining.LEAVE, here, "kim")
    joined = await town.ask(joining.JOIN, joining.JoinCommunity(made, "hello"), "kim")
    assert joined.status == "pending"
    assert (await standing()).request_id == joined.request_id
    assert await town.say("!community requests", "bea", TWITCH) == (
        f"#{joined.request_id} Kim (portal), 0 s ago: «hello»"
    )
    await town.say(f"!community deny {joined.request_id} not yet", "bea", TWITCH)
    told = await standing()
    assert (told.status, told.reason, told.again_at is not None) == ("guest", "not yet", True)
    with pytest.raises(Forbidden, match="You were refused"):
        await town.ask(joining.JOIN, joining.JoinCommunity(made), "kim")
    with pytest.raises(Forbidden, match="Only members can see"):
        await town.ask(community.MEMBERS, community.ListMembers(made), "kim")
    await town.say("!community add user kim", "bea", TWITCH)
    listed = await town.ask(community.MEMBERS, community.ListMembers(made, status="left"), "kim")
    assert [one.name for one in listed.items] == ["Bea", "Kim"]
    await town.ask(joining.LEAVE, here, "kim")
    with pytest.raises(Conflict):
        await town.ask(joining.LEAVE, here, "kim")


async def test_a_private_community_cannot_be_asked_by_who_does_not_see_it(town: Town) -> None:
    made = await pond(town)
    await town.say("!community set public no", "bea", TWITCH)
    for operation, asked in (
        (joining.JOIN, joining.JoinCommunity(made)),
        (joining.STANDING, community.CommunityId(made)),
    ):
        with pytest.raises(NotFound, match="No such community"):
            await town.ask(operation, asked, "eve")
    assert await town.say("!community join penguins", "eve", ELSEWHERE) == "No community of that name that you can see."


async def test_moderators_decide_in_the_portal_too(town: Town) -> None:
    founded = await town.found()
    made, name = founded.id, founded.name
    await town.attach(made, TWITCH)
    await town.ask(community.PATCH, community.PatchCommunity(made, 1, join_mode="approval"), "ann", home=made)
    dee, gil = await town.member(TWITCH, "dee"), await town.member(TWITCH, "gil")
    number = int(await number_of(town, "dee", "please"))
    asked = joining.ListRequests(made)
    with pytest.raises(Forbidden):
        await town.ask(joining.REQUESTS, asked, "eve", home=made)
    with pytest.raises(Forbidden):
        await town.ask(joining.DECIDE, joining.Decide(made, number, accept=True), "eve", home=made)
    page = await town.ask(joining.REQUESTS, asked, "ann", home=made)
    assert [(one.id, one.name, one.message) for one in page.items] == [(number, "Dee", "please")]
    assert (await town.ask(joining.DECIDE, joining.Decide(made, number, accept=True), "ann", home=made)).id == dee
    assert (await town.ask(joining.ADD, community.MemberOf(made, gil), "ann", home=made)).status == "active"
    removed = joining.RemoveMember(made, gil, "no fish")
    await town.ask(joining.REMOVE, removed, "ann", home=made)
    with pytest.raises(Conflict):
        await town.ask(joining.REMOVE, removed, "ann", home=made)
    assert (await town.ask(joining.ADD, community.MemberOf(made, gil), "ann", home=made)).status == "left"
    assert await town.say("!community join", "gil", TWITCH) == f"Welcome to «{name}»."
    with pytest.raises(Forbidden):
        await town.ask(community.SET_ROLE, community.SetRole(made, dee, Role.VIP), "dee", home=made)
