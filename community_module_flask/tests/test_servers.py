"""A whole guild or workspace is attached, and a single channel of it elsewhere: each has its home."""

from __future__ import annotations

import pytest

from community_module_flask.tests.conftest import Town
from community_module_flask.tests.test_endings import on_day
from flask_core.contracts import community, community_endings, community_servers
from flask_core.contracts.community_servers import AttachServer, ServerOf
from flask_core.datamodels import Role
from flask_core.errors import Conflict, Forbidden, NotFound

GENERAL, MEMES, OTHER = "discord:7:70", "discord:7:71", "discord:8:80"
WORKSPACE, DIRECT = "slack:T1:C1", "slack:T1:dm:U1"


async def whole(town: Town, community_id: int, platform: str = "discord", server_id: str = "7") -> None:
    """The platform's module has seen that the server is theirs."""
    asked = AttachServer(community_id, platform, server_id, "HQ")  # type: ignore[arg-type]
    await town.inst.client(platform).call("community", community_servers.ATTACH_SERVER, asked)


async def home(town: Town, channel: str, user: str = "dee") -> int:
    return (await town.hear(channel, user)).community.id


@pytest.mark.promise("community.18")
async def test_a_channel_has_its_own_home_then_its_servers_then_the_global_one(town: Town) -> None:
    made, other = await town.found(), await town.found()
    assert [await home(town, one) for one in (GENERAL, MEMES)] == [community.GLOBAL_COMMUNITY] * 2
    await whole(town, made.id)
    assert [await home(town, one) for one in (GENERAL, MEMES, OTHER)] == [made.id, made.id, community.GLOBAL_COMMUNITY]
    await town.attach(other.id, MEMES)
    assert [await home(town, one) for one in (GENERAL, MEMES)] == [made.id, other.id]
    memes = community.ChannelOf(other.id, MEMES)
    await town.ask(community.DETACH, memes, "ann", home=other.id)
    assert await home(town, MEMES) == made.id
    gone = ServerOf(made.id, "discord", "7")
    await town.ask(community_servers.DETACH_SERVER, gone, "ann", home=made.id)
    assert [await home(town, one) for one in (GENERAL, MEMES)] == [community.GLOBAL_COMMUNITY] * 2
    with pytest.raises(NotFound):
        await town.ask(community_servers.DETACH_SERVER, gone, "ann", home=made.id)


@pytest.mark.promise("community.18")
async def test_a_workspace_covers_its_channels_and_no_direct_messages(town: Town) -> None:
    made = await town.found()
    await whole(town, made.id, "slack", "T1")
    assert [await home(town, one) for one in (WORKSPACE, DIRECT)] == [made.id, community.GLOBAL_COMMUNITY]


@pytest.mark.promise("community.18")
async def test_a_server_has_one_home(town: Town) -> None:
    made, other = await town.found(), await town.found()
    await whole(town, made.id)
    await whole(town, made.id)
    with pytest.raises(Conflict, match=f"belongs to community #{made.id}"):
        await whole(town, other.id)
    with pytest.raises(Forbidden):
        await whole(town, community.GLOBAL_COMMUNITY)
    listed = await town.ask(community_servers.SERVERS, community.CommunityId(made.id), "ann", home=made.id)
    assert [(one.name, one.server_id) for one in listed.items] == [("HQ", "7")]
    for who in ("eve", "ann"):
        with pytest.raises(Forbidden if who == "eve" else NotFound):
            await town.ask(community_servers.DETACH_SERVER, ServerOf(other.id, "discord", "7"), who, home=other.id)


@pytest.mark.promise("community.18")
async def test_a_deleted_community_leaves_its_server_and_has_it_again(town: Town) -> None:
    made, other = await town.found("Pond"), await town.found()
    await whole(town, made.id)
    assert await home(town, GENERAL) == made.id
    asked = community_endings.DeleteCommunity(made.id, "pond")
    await town.ask(community_endings.DELETE, asked, "ann", home=made.id)
    assert await home(town, GENERAL) == community.GLOBAL_COMMUNITY
    asked_for = community_servers.PlatformServers("discord")
    assert (
        await town.inst.client("discord").call("community", community_servers.PLATFORM_SERVERS, asked_for)
    ).items == ()
    await town.ask(community_endings.RESTORE, community_endings.RestoreCommunity(made.id), "ann")
    assert await home(town, GENERAL) == made.id
    again = community_endings.DeleteCommunity(made.id, "pond")
    await town.ask(community_endings.DELETE, again, "ann", home=made.id)
    await whole(town, other.id)
    assert await home(town, GENERAL) == other.id
    await on_day(town, 1).restore(community_endings.RestoreCommunity(made.id), "person-ann")
    assert await home(town, GENERAL) == other.id


@pytest.mark.promise("community.18")
async def test_who_administers_a_server_attaches_all_of_it_in_chat(town: Town) -> None:
    await town.say("!community create Pond", "bea", "twitch:1:1", broadcaster=True)
    made = (await town.hear("twitch:1:1", "bea")).community.id
    await town.link("merge-1", "person-bea", ("twitch", "bea"), ("discord", "bea"))
    town.persons["discord", "bea"] = "person-bea"
    refused = "Only the owner or an admin of this discord channel can attach it."
    assert await town.say("!community attach server Pond", "bea", GENERAL, moderator=True) == refused
    said = await town.say("!community attach server Pond", "bea", GENERAL, broadcaster=True)
    assert said.startswith("This server belongs to «Pond» now, with every channel that is not attached by itself.")
    assert [await home(town, one) for one in (GENERAL, MEMES)] == [made, made]
    channels = await town.say("!community channels", "bea", "twitch:1:1")
    assert channels == "7 (discord, whole server), twitch:1:1 (twitch)"
    whole_twitch = await town.say("!community attach server Pond", "bea", "twitch:1:1", broadcaster=True)
    assert whole_twitch == "Only a whole Discord server or Slack workspace can be attached so."
    nobody = await town.say("!community attach server Pond", "eve", OTHER, broadcaster=True)
    assert nobody == "You are in no community of that name."


@pytest.mark.promise("community.18")
async def test_a_role_that_a_server_shows_counts_in_the_community_that_has_it(town: Town) -> None:
    made, other = await town.found(), await town.found()
    await whole(town, made.id)
    await town.attach(other.id, MEMES)
    town.persons["discord", "mo"] = "person-mo"
    for channel in (GENERAL, MEMES):
        await town.member(channel, "mo")
    discord = town.inst.client("discord")

    async def portal() -> list[Role]:
        held = [
            await discord.call("community", community.ROLE_OF, community.RoleOf(one.id, "person-mo"))
            for one in (made, other)
        ]
        return [one.portal for one in held]

    await discord.call(
        "community", community.PLATFORM_ROLES, community.PlatformRole("discord:7:*", "mo", Role.MODERATOR)
    )
    assert await portal() == [Role.MODERATOR, Role.VIEWER]
    await discord.call("community", community.PLATFORM_ROLES, community.PlatformRole("discord:7:*", "mo", Role.VIEWER))
    await discord.call("community", community.PLATFORM_ROLES, community.PlatformRole(MEMES, "mo", Role.MODERATOR))
    assert await portal() == [Role.VIEWER, Role.MODERATOR]
    await discord.call("community", community.PLATFORM_ROLES, community.PlatformRole(GENERAL, "mo", Role.MODERATOR))
    assert await portal() == [Role.MODERATOR, Role.MODERATOR]
