"""What people type about their community, and who is told no."""

from __future__ import annotations

import pytest

from community_module_flask.tests.conftest import Town
from flask_core.contracts import community
from flask_core.datamodels import Role
from flask_core.errors import Forbidden

TWITCH, DISCORD, SLACK = "twitch:1:1", "discord:7:70", "slack:T1:C1"


async def penguins(town: Town) -> community.Context:
    """Bea's stream is a community of hers."""
    await town.say("!community create Penguins", "bea", TWITCH, broadcaster=True)
    return await town.hear(TWITCH, "bea")


@pytest.mark.promise("community.2")
async def test_a_broadcaster_makes_a_community_of_the_channel_with_one_line(town: Town) -> None:
    said = await town.say("!community create Penguins", "bea", TWITCH, broadcaster=True)
    heard = await town.hear(TWITCH, "bea")
    number = heard.community.id
    assert said == f"Created «Penguins» (#{number}) and attached this channel. You are its owner."
    assert heard.community.name == "Penguins"
    assert heard.member is not None
    assert heard.member.assigned_role is Role.OWNER
    assert await town.say("!community list", "bea", TWITCH) == f"#{number} Penguins (owner), 1 members, 1 channels"


@pytest.mark.promise("community.3")
async def test_a_viewer_makes_one_without_the_channel_and_cannot_take_it(town: Town) -> None:
    said = await town.say("!community create Otters", "dee", TWITCH)
    assert "You are its owner. Not attached here: Only the owner or an admin of this twitch channel" in said
    assert (await town.hear(TWITCH, "dee")).community.id == community.GLOBAL_COMMUNITY
    refused = "Only the owner or an admin of this twitch channel can attach it."
    assert await town.say("!community attach Otters", "dee", TWITCH) == refused
    assert await town.say("!community attach Otters", "dee", TWITCH, moderator=True) == refused
    elsewhere = await town.say("!community attach otters", "dee", "twitch:2:2", broadcaster=True)
    assert elsewhere == "This channel belongs to «Otters» now."


async def test_who_is_admin_attaches_a_channel_of_their_own(town: Town) -> None:
    await penguins(town)
    said = await town.say("!community attach penguins", "bea", "twitch:2:2", broadcaster=True)
    assert said == "This channel belongs to «Penguins» now."
    nobody = await town.say("!community attach Penguins", "eve", "twitch:3:3", broadcaster=True)
    assert nobody == "You are in no community of that name."
    await town.say("!community", "dee", TWITCH)
    member = await town.say("!community attach Penguins", "dee", "twitch:3:3", broadcaster=True)
    assert member == "Only admins of «Penguins» can attach channels."
    channels = await town.say("!community channels", "bea", TWITCH)
    assert channels == "twitch:1:1 (twitch), twitch:2:2 (twitch)"


async def test_five_communities_are_enough_for_one_account_too(town: Town) -> None:
    for number in range(5):
        assert (await town.say(f"!community create Pond {number}", "dee", TWITCH)).startswith("Created")
    assert await town.say("!community create Pond 6", "dee", TWITCH) == "You own 5 communities already."
    made_up = await town.say("!community create Pond", "dee", "console:1:1", broadcaster=True)
    assert made_up == "The people of the playground are made up. Make communities in the portal."


@pytest.mark.promise("community.7")
async def test_the_broadcaster_of_a_second_channel_has_no_say_but_the_assigned_admin_has(town: Town) -> None:
    made = (await penguins(town)).community.id
    await town.attach(made, "twitch:2:2")
    await town.attach(made, SLACK)
    town.persons["slack", "ada"], town.persons["twitch", "guest"] = "person-ada", "person-guest"
    ada, _ = await town.member(SLACK, "ada"), await town.member("twitch:2:2", "guest")
    await town.member("twitch:2:2", "dee")
    await town.say("!community role ada admin", "bea", TWITCH)
    refused = await town.say("!community role dee moderator", "guest", "twitch:2:2", broadcaster=True)
    assert refused == "Only admins can make moderators. You are viewer here."
    await town.inst.client("twitch").call(
        "community", community.PLATFORM_ROLES, community.PlatformRole("twitch:2:2", "guest", Role.OWNER)
    )  # fmt: skip
    for operation, asked in (
        (community.PATCH, community.PatchCommunity(made, 1, name="Mine")),
        (community.DETACH, community.ChannelOf(made, TWITCH)),
        (community.SET_ROLE, community.SetRole(made, ada, Role.VIEWER)),
    ):
        with pytest.raises(Forbidden):
            await town.ask(operation, asked, "guest", home=made)
    assert await town.say("!community role dee moderator", "ada", SLACK) == "Dee is moderator now."


async def test_a_moderator_bans_and_unbans_in_chat(town: Town) -> None:
    await penguins(town)
    await town.hear(TWITCH, "dee")
    assert await town.say("!community ban dee", "dee", TWITCH) == "Only moderators can do that."
    banned = await town.say("!community ban dee 7d spam", "mo", TWITCH, moderator=True)
    assert banned == "Dee is banned for 7 days in the whole community."
    again = await town.say("!community ban dee", "mo", TWITCH, moderator=True)
    assert again == "Dee is banned already."
    heard = (await town.hear(TWITCH, "dee")).member
    assert heard is not None
    assert heard.status == "banned"
    assert await town.say("!community leave", "dee", TWITCH) == "You are banned here. Only a moderator can change that."
    assert await town.say("!community unban dee", "mo", TWITCH, moderator=True) == "Dee may come back."
    assert await town.say("!community unban dee", "mo", TWITCH, moderator=True) == "Dee is not banned."
    nobody = await town.say("!community ban nobody", "mo", TWITCH, moderator=True)
    assert nobody == "Nobody called nobody was seen here."


async def test_people_leave_and_come_back_as_the_same_member(town: Town) -> None:
    await penguins(town)
    dee = await town.member(TWITCH, "dee")
    assert await town.say("!community leave", "dee", TWITCH) == "You left. Come back any time: !community join"
    assert await town.say("!community list", "dee", TWITCH) == (
        "You are in no community yet. Create one: !community create <name>"
    )  # fmt: skip
    assert await town.say("!community join", "dee", TWITCH) == "Welcome to «Penguins»."
    assert await town.member(TWITCH, "dee") == dee
    owner = await town.say("!community leave", "bea", TWITCH)
    assert owner == "The owner cannot leave. Hand the community over first."
    for word, verb in (("leave", "leave"), ("join", "join")):
        said = await town.say(f"!community {word}", "dee", "twitch:9:9")
        assert said == f"This channel belongs to no community that you could {verb}."


async def test_the_list_of_members_has_names_and_roles(town: Town) -> None:
    await penguins(town)
    assert await town.say("!community members", "bea", TWITCH) == "Bea (owner) (page 1/1)"
    for number in range(10):
        await town.member(TWITCH, f"dee-{number}")
    assert (await town.say("!community members 2", "bea", TWITCH)).endswith("(page 2/2)")
    assert await town.say("!community members 3", "bea", TWITCH) == "Nobody (page 3/2)"


async def test_of_two_people_with_one_name_nobody_is_banned(town: Town) -> None:
    made = (await penguins(town)).community.id
    await town.attach(made, SLACK)
    for channel in (TWITCH, SLACK):
        await town.member(channel, "dee")
    said = await town.say("!community ban dee", "bea", TWITCH)
    assert said == "Several people are called dee. Choose in the portal."


@pytest.mark.promise("community.17")
async def test_a_private_community_is_not_found_by_others_in_chat(town: Town) -> None:
    made = await town.found("Secret pond")
    await town.attach(made.id, TWITCH)
    await town.hear(TWITCH, "dee")
    for name in ("secret pond", str(made.id), f"#{made.id}"):
        assert (await town.say(f"!community info {name}", "eve", "twitch:9:9")).startswith("«Secret pond»")
    await town.ask(community.PATCH, community.PatchCommunity(made.id, 1, public=False), "ann", home=made.id)
    unseen = "No community of that name that you can see."
    for name in ("secret pond", "secret-pond", str(made.id)):
        assert await town.say(f"!community info {name}", "eve", "twitch:9:9") == unseen
    assert (await town.say("!community info secret pond", "dee", "twitch:9:9")).startswith("«Secret pond»")
