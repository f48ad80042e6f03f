"""`/waddlebot feedback`: a form for everybody, read by the moderators, with thanks."""

from __future__ import annotations

from typing import Any

import pytest

from flask_core.contracts import slack
from flask_core.testing.installation import until
from slack_module_flask.feedback import THANKS
from slack_module_flask.tests.conftest import Town
from slack_module_flask.tests.test_telling import Board


async def opened(town: Town, channel: str = "C1") -> dict[str, Any]:
    before = len(town.slack.views)
    assert (await town.slack.deliveries.command(town.team, channel, "U2", "feedback")).taken
    await until(lambda: len(town.slack.views) > before, "the form")
    return town.slack.views[-1]


async def send(town: Town, view: dict[str, Any], subject: str = "Snacks", details: str = "More <b>fish</b>.") -> str:
    typed = {"f0": {"value": {"value": subject}}, "f1": {"value": {"value": details}}}
    told = await town.slack.deliveries.submit(town.team, "U2", view, typed)
    assert told.statuses == [200]
    return told.answer


async def test_feedback_reaches_the_moderators_and_is_thanked_for(town: Town) -> None:
    board = Board(town)
    town.team.add_channel("C8", "mods")
    await town.inst.services["slack"].database.write(
        lambda tx: tx.run("INSERT INTO channels VALUES ('T1', 'C8', 'mods', 'private', TRUE, FALSE)")
    )
    settings = slack.WorkspaceSettings(notice_channel="C8")
    await town.ask(slack.SET_UP, slack.PutWorkspaceSettings("T1", town.community_id, settings))
    assert '"clear"' in await send(town, await opened(town))
    await until(lambda: len(town.slack.said) == 2, "the moderators' line and the thanks")
    (notice,) = board.told
    assert (notice.community_id, notice.text) == (town.community_id, "Feedback on Slack: Snacks – More <b>fish</b>.")
    line = next(said for said in town.slack.said if said["channel"] == "C8")
    assert line["text"] == "Feedback for Penguins from <@U2>: *Snacks*\nMore &lt;b&gt;fish&lt;/b&gt;."
    thanks = next(said for said in town.slack.said if said["channel"] == "C1")
    assert (thanks["text"], thanks["ephemeral"], thanks["user"]) == (THANKS, True, "U2")


async def test_what_is_too_long_or_too_soon_is_said_at_its_field(town: Town) -> None:
    Board(town)
    view = await opened(town)
    wrong = await send(town, view, "x" * 101, "y" * 1_001)
    assert ("At most 100 letters." in wrong, "At most 1000 letters." in wrong) == (True, True)
    assert "Fill this in." in await send(town, view, "Snacks", "")
    assert '"clear"' in await send(town, view)
    assert "Wait a minute." in await send(town, view)


async def test_while_nobody_can_be_told_the_form_stays(town: Town) -> None:
    board = Board(town)
    board.away = True
    view = await opened(town)
    assert "Nobody could be told" in await send(town, view)
    board.away = False
    assert '"clear"' in await send(town, view)


async def test_a_form_that_is_not_ours_is_refused(town: Town) -> None:
    board = Board(town)
    view = {**(await opened(town)), "private_metadata": "feedback C2.0123456789abcdef"}
    assert "not one of ours" in await send(town, view)
    assert board.told == []


async def test_a_form_that_slack_does_not_open_is_explained(town: Town) -> None:
    town.slack.errors["views.open"] = ["expired_trigger_id"]
    assert "took too long for Slack" in await town.command("feedback")


async def test_help_names_it_and_a_channel_of_no_community_has_none(town: Town) -> None:
    assert "/waddlebot feedback" in await town.command("help")
    town.team.add_channel("C5", "elsewhere")
    assert (await town.command("feedback", channel="C5")).startswith("This channel belongs to no community yet.")


@pytest.mark.parametrize("listed", [True, False])
async def test_where_the_bot_is_not_it_says_once_how_to_invite_it(town: Town, listed: bool) -> None:
    if listed:
        town.team.add_channel("C6", "outside", with_bot=False)
    for _ in range(2):
        await town.slack.deliveries.command(town.team, "C6", "U2", "help")
    await until(lambda: len(town.slack.said) == 3, "two answers and a hint")
    hints = [said for said in town.slack.said if "/invite @WaddleBot" in said["text"]]
    assert [said["ephemeral"] for said in hints] == [True]
    await town.command("help")
    await town.settled()
    assert len([said for said in town.slack.said if "/invite" in said["text"]]) == 1


async def test_the_home_tab_names_the_communities_of_the_workspace(town: Town) -> None:
    await town.event("app_home_opened", user="U2", tab="home")
    await until(lambda: town.slack.homes, "the tab")
    texts = [block["text"]["text"] for block in town.slack.homes[0]["view"]["blocks"]]
    here = f"https://bot.example/c/{town.community_id}/commands"
    assert f"*Penguins* – <{here}|what can be typed there>" in texts
