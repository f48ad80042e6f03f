"""Communities in the portal: what can be typed, changed, searched and listed."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from community_module_flask.communities import slug_of
from community_module_flask.tests.conftest import Town
from flask_core.contracts import community
from flask_core.datamodels import Platform, Role
from flask_core.errors import Conflict, Forbidden, InvalidInput, LimitReached, NotFound, Stale

ROOM = "console:1:main"


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 65}, "name"),
        ({"name": "Penguins", "slug": "no spaces"}, "slug"),
        ({"name": "Penguins", "slug": "portal"}, "slug"),
        ({"name": "Penguins", "description": "x" * 501}, "description"),
        ({"name": "Penguins", "time_zone": "Moon/Crater"}, "time_zone"),
        ({"name": "Penguins", "time_zone": "../etc"}, "time_zone"),
    ],
)
async def test_what_cannot_be_a_community_is_refused(town: Town, fields: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        await town.ask(community.CREATE, community.CreateCommunity(**fields), "ann")
    assert refused.value.details["field"] == field


@pytest.mark.parametrize(
    ("name", "slug"),
    [("Café del Mar", "cafe-del-mar"), ("Penguins & Otters!", "penguins-otters"), ("x" * 40, "x" * 32)],
)
def test_a_short_name_is_made_of_the_name(name: str, slug: str) -> None:
    assert slug_of(name) == slug


@pytest.mark.parametrize(("name", "start"), [("ペンギン", "community-"), ("Ab", "ab-"), ("Portal", "portal-")])
async def test_a_name_without_a_short_one_gets_a_number(town: Town, name: str, start: str) -> None:
    assert (await town.found(name)).slug.startswith(start)


async def test_two_names_without_latin_letters_do_not_meet(town: Town) -> None:
    one, other = await town.found("ペンギン"), await town.found("カワウソ")
    assert one.slug != other.slug


async def test_a_person_owns_five_at_most(town: Town) -> None:
    for _ in range(5):
        await town.found()
    with pytest.raises(LimitReached):
        await town.found()


async def patch(town: Town, community_id: int, version: int, name: str, **fields: Any) -> community.Community:
    asked = community.PatchCommunity(community_id, version, name, **fields)
    changed: community.Community = await town.ask(community.PATCH, asked, "ann", home=community_id)
    return changed


async def test_texts_are_changed_by_who_read_the_present_ones(town: Town) -> None:
    made = await town.found("Pond")
    changed = await patch(town, made.id, made.version, "Lake", description="Wet.")
    assert (changed.name, changed.description, changed.version) == ("Lake", "Wet.", made.version + 1)
    with pytest.raises(Stale) as stale:
        await patch(town, made.id, made.version, "Sea")
    assert stale.value.details["current"].name == "Lake"
    await town.found("Sea")
    with pytest.raises(Conflict):
        await patch(town, made.id, changed.version, "sea")
    with pytest.raises(InvalidInput):
        await patch(town, made.id, changed.version, " ")
    written = "SELECT action, before, after FROM community_audit WHERE community_id = ?"
    kept = await town.service.database.read(lambda tx: tx.rows(written, made.id))
    assert ("community.name", "Pond", "Lake") in [tuple(row) for row in kept]


async def test_the_global_community_is_nobodys_to_change(town: Town) -> None:
    everywhere = community.GLOBAL_COMMUNITY
    with pytest.raises(Forbidden):
        await town.ask(community.PATCH, community.PatchCommunity(everywhere, 1, "Mine"), "ann")
    with pytest.raises(Forbidden, match="global community"):
        await town.attach(everywhere, ROOM)


async def test_channels_are_listed_for_their_trigger_and_detached_once(town: Town) -> None:
    made = await town.found()
    for key in (ROOM, "twitch:5:5"):
        await town.attach(made.id, key)
    listed = await town.ask(community.CHANNELS, community.CommunityId(made.id), "ann", home=made.id)
    assert [one.key for one in listed.items] == [ROOM, "twitch:5:5"]
    own = await town.inst.client("twitch").call(
        "community", community.TRIGGER_CHANNELS, community.PlatformChannels("twitch")
    )  # fmt: skip
    assert [one.key for one in own.items] == ["twitch:5:5"]
    detached = community.ChannelOf(made.id, ROOM)
    await town.ask(community.DETACH, detached, "ann", home=made.id)
    with pytest.raises(NotFound):
        await town.ask(community.DETACH, detached, "ann", home=made.id)
    with pytest.raises(NotFound):
        await town.attach(4711, ROOM)


async def test_members_are_found_by_name_role_and_status(town: Town) -> None:
    made = await town.found()
    await town.attach(made.id, ROOM)
    members = {name: await town.member(ROOM, name) for name in ("dee", "dora", "eve")}
    await town.promote(made.id, members["eve"], Role.VIP)
    await town.ask(community.BAN, community.Ban(made.id, members["dora"]), "ann", home=made.id)

    async def names(**filters: Any) -> list[str]:
        asked = community.ListMembers(made.id, **filters)
        return [one.name for one in (await town.ask(community.MEMBERS, asked, "ann", home=made.id)).items]

    assert await names(q="D") == ["Dee", "Dora"]
    assert await names(role="vip") == ["Eve"]
    assert await names(status="banned") == ["Dora"]
    assert await names(per_page=2) == ["Ann", "Dee"]
    assert await names(per_page=2, page=2) == ["Dora", "Eve"]


async def test_ids_of_accounts_are_shown_to_moderators_only(town: Town) -> None:
    made = await town.found()
    await town.attach(made.id, ROOM)
    dee = await town.member(ROOM, "dee")
    town.persons["console", "kim"] = "person-kim"
    await town.member(ROOM, "kim")
    for who, user_id in (("ann", "dee"), ("kim", "")):
        shown = await town.ask(community.MEMBER, community.MemberOf(made.id, dee), who, home=made.id)
        assert [(one.user_id, one.login) for one in shown.accounts] == [(user_id, "dee")]
    by_module = await town.inst.client("router").call("community", community.MEMBER, community.MemberOf(made.id, dee))
    assert by_module.accounts[0].user_id == "dee"
    with pytest.raises(NotFound):
        await town.ask(community.MEMBER, community.MemberOf(made.id, "nobody"), "ann", home=made.id)


async def test_public_communities_are_found_by_the_start_of_their_name(town: Town) -> None:
    made = await town.found("Otters of the north")
    for q, found in (("otters", [made.id]), ("OTTERS OF", [made.id]), ("north", [])):
        asked = community.ListCommunities(q)
        assert [one.id for one in (await town.ask(community.LIST, asked, "eve")).items] == found
    with pytest.raises(NotFound):
        await town.ask(community.GET, community.CommunityId(4711), "eve")


async def test_an_account_that_never_wrote_here_can_be_a_regular(town: Town) -> None:
    made = (await town.found()).id
    await town.attach(made, "twitch:7:7")
    raised = community.RaiseAccount(made, Platform.TWITCH, "linus", "Linus", Role.REGULAR)
    for before in (Role.VIEWER, Role.REGULAR):
        answer = await town.ask(community.RAISE_ACCOUNT, raised, "ann")
        linus = answer.member
        assert (linus.name, linus.role, answer.before) == ("Linus", Role.REGULAR, before)
    first = await town.hear("twitch:7:7", "linus")
    assert first.member is not None
    assert (first.member.id, first.member.assigned_role, first.member.first_message) == (linus.id, Role.REGULAR, True)
    # Nobody loses a role by it, and nobody below admin gives one.
    await town.promote(made, linus.id, Role.MODERATOR)
    assert (await town.ask(community.RAISE_ACCOUNT, raised, "ann")).member.role is Role.MODERATOR
    with pytest.raises(Forbidden):
        await town.ask(community.RAISE_ACCOUNT, raised, "dee")
    with pytest.raises(Forbidden):
        await town.ask(community.RAISE_ACCOUNT, msgspec.structs.replace(raised, role=Role.OWNER), "ann")
