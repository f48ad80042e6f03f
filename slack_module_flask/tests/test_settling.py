"""How the bot behaves in a workspace, as its communities wish it; and what other modules look up there."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from flask_core.contracts import community, slack
from flask_core.datamodels import Role
from flask_core.errors import NotFound, NotReady
from slack_module_flask.tests.conftest import Town


async def set_up(town: Town, community_id: int = 0, **chosen: Any) -> slack.WorkspaceSettings:
    """What the settings are once they were sent."""
    here = community_id or town.community_id
    asked = slack.PutWorkspaceSettings("T1", here, slack.WorkspaceSettings(**chosen))
    await town.ask(slack.SET_UP, asked)
    return (await town.status()).workspaces[0].settings


async def test_what_is_said_in_a_channel_that_is_not_read_is_not_known(town: Town) -> None:
    town.team.add_channel("C2", "private-matters")
    await town.ask(slack.ATTACH, slack.ChannelOf("T1", "C2", town.community_id))
    await set_up(town, unread=("C2",))
    assert (await town.say("!quote", "U2", "C2")).statuses == [200]
    await town.event("reaction_added", user="U2", reaction="x", item={"type": "message", "channel": "C2", "ts": "1.5"})
    assert [trace.text for trace in await town.settled()] == []
    assert "no quotes" in (await town.command("quote", channel="C2")).lower()
    views = (await town.ask(slack.CHANNELS, slack.WorkspaceOf("T1", town.community_id))).items
    assert {one.name: one.unread for one in views} == {"general": False, "private-matters": True}
    await set_up(town)
    await town.say("heard again", "U2", "C2")
    await town.traces(lambda trace: trace.text == "heard again")


async def test_a_community_says_about_its_own_channels_only_whether_they_are_read(town: Town) -> None:
    town.team.add_channel("C2", "bakers")
    made = await town.portal.client.call(
        "community", community.CREATE, community.CreateCommunity("Bakers"), acting=town.owner
    )
    await town.ask(slack.USE, slack.UseWorkspace("T1", made.id))
    await town.ask(slack.ATTACH, slack.ChannelOf("T1", "C2", made.id))
    assert (await set_up(town, made.id, unread=("C1", "C2", "C9"))).unread == ("C2",)
    assert (await set_up(town, unread=("C1",))).unread == ("C1", "C2")
    assert (await set_up(town)).unread == ("C2",)


@pytest.mark.promise("community.18")
async def test_all_of_a_workspace_is_a_communitys_but_for_channels_with_a_home_of_their_own(town: Town) -> None:
    for channel, name in (("C2", "bakers"), ("C3", "cooks")):
        town.team.add_channel(channel, name)
    made = await town.portal.client.call(
        "community", community.CREATE, community.CreateCommunity("Bakers"), acting=town.owner
    )
    with pytest.raises(NotFound):
        await town.ask(slack.ATTACH_WHOLE, slack.WorkspaceOf("T1", made.id))
    await town.ask(slack.USE, slack.UseWorkspace("T1", made.id))
    await town.ask(slack.ATTACH_WHOLE, slack.WorkspaceOf("T1", made.id))
    await town.ask(slack.ATTACH, slack.ChannelOf("T1", "C2", made.id))
    views = (await town.ask(slack.CHANNELS, slack.WorkspaceOf("T1", made.id))).items
    assert {one.channel_id: (one.attached, one.mine, one.covered) for one in views} == {
        "C1": (True, False, False), "C2": (True, True, False), "C3": (True, True, True),
    }  # fmt: skip
    assert (await set_up(town, made.id, unread=("C1", "C2", "C3"))).unread == ("C2", "C3")
    assert [one.whole for one in (await town.status()).workspaces] == ["other"]
    await set_up(town, made.id)
    await town.say("from the kitchen", "U2", "C3")
    (trace,) = await town.traces(lambda trace: trace.text == "from the kitchen", community_id=made.id)
    assert trace.channel == "slack:T1:C3"


async def test_other_bots_are_not_heard_where_a_workspace_wants_none(town: Town) -> None:
    await town.say("beep", "U3", bot_id="B9")
    await town.traces(lambda trace: trace.text == "beep")
    await set_up(town, other_bots=False)
    await town.say("beep again", "U3", bot_id="B9")
    assert [trace.text for trace in await town.settled(1)] == ["beep"]


async def test_commands_begin_with_the_prefix_of_the_workspace_too(town: Town) -> None:
    await set_up(town, prefix="?")
    assert "no quotes" in (await town.answer("?quote"))["text"].lower()


def test_what_slack_or_others_read_as_their_own_is_no_prefix() -> None:
    for prefix in ("/", "#", "!", "<", "&", "a b", "????"):
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert({"prefix": prefix}, slack.WorkspaceSettings)


async def test_channels_and_roles_are_looked_up_by_id(town: Town) -> None:
    town.team.add_channel("G7", "mods", with_bot=False)
    town.team.archived.add("G7")
    found = await town.ask_as_module(slack.CHANNEL, slack.ChannelQuery("T1", "C1"))
    assert found == slack.ChannelFacts("C1", "slack:T1:C1", "general", "public", True)
    mods = await town.ask_as_module(slack.CHANNEL, slack.ChannelQuery("T1", "G7"))
    assert (mods.kind, mods.is_member, mods.archived) == ("private", False, True)
    for team, channel in (("T1", "C9"), ("T9", "C1")):
        with pytest.raises(NotFound):
            await town.ask_as_module(slack.CHANNEL, slack.ChannelQuery(team, channel))
    role = await town.ask_as_module(slack.ROLE, slack.RoleQuery("T1", "U1"))
    assert role == slack.RoleFacts("T1.U1", Role.OWNER)


async def test_who_is_in_a_group_is_told_or_what_is_missing_for_it(town: Town) -> None:
    town.team.groups["S1"] = ("helpers", ["U2", "U3"])
    found = await town.ask_as_module(slack.HOLDERS, slack.GroupOf("T1", "S1"))
    assert found.accounts == ("T1.U2", "T1.U3")
    with pytest.raises(NotFound):
        await town.ask_as_module(slack.HOLDERS, slack.GroupOf("T1", "S9"))
    town.slack.errors["usergroups.users.list"] = ["missing_scope"]
    with pytest.raises(NotReady, match="lacks a right"):
        await town.ask_as_module(slack.HOLDERS, slack.GroupOf("T1", "S1"))
