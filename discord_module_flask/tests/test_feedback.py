"""Members tell the team something, and the team reads it."""

from __future__ import annotations

from typing import Any

import pytest

from discord_module_flask.tests.conftest import Server
from discord_module_flask.tests.test_servers import _choose
from flask_core.contracts import discord_feedback, notices
from flask_core.operations import Caller
from flask_core.testing.installation import until


async def _does(server: Server, kind: int, data: dict[str, Any]) -> dict[str, Any]:
    before = len(server.discord.callbacks)
    await server.discord.interact(server.guild, server.dee, kind, data)
    await until(lambda: len(server.discord.callbacks) > before, "an answer")
    return server.discord.callbacks[-1]


async def _sent(server: Server, custom_id: str, subject: str = "Fish", details: str = "More, please") -> str:
    parts = [
        {"type": 18, "component": {"type": 4, "custom_id": name, "value": value}}
        for name, value in (("subject", subject), ("details", details))
    ]
    shown = await _does(server, 5, {"custom_id": custom_id, "components": parts})
    assert shown["data"]["flags"] == 64
    return str(shown["data"]["content"])


async def test_what_a_member_tells_is_kept_and_the_team_is_told(server: Server) -> None:
    told: list[notices.PutNotice] = []

    @server.portal.offers(notices.NOTIFY)
    async def notify(asked: notices.PutNotice, _: Caller) -> notices.Notice:
        told.append(asked)
        raise AssertionError("nobody waits for this")

    team = server.guild.add_channel("team")
    await _choose(server, log_channel=team)
    opened = await _does(server, 2, {"name": "feedback", "type": 1, "options": []})
    assert (opened["type"], opened["data"]["title"]) == (9, "Feedback")
    lengths = [one["component"]["max_length"] for one in opened["data"]["components"]]
    assert lengths == [100, 1_000]
    page = opened["data"]["custom_id"]
    assert await _sent(server, page) == "Thank you, the team will read it."
    asked = discord_feedback.FeedbackOf(server.community_id)
    listed = await server.portal.client.call("discord", discord_feedback.FEEDBACK, asked, acting=server.owner)
    (one,) = listed.items
    assert (one.name, one.server, one.subject, one.details) == ("Dee", "Icefloe", "Fish", "More, please")
    assert [(one.community_id, one.text) for one in told] == [(server.community_id, "Feedback on Discord: Fish")]
    assert server.discord.said[-1]["channel_id"] == team
    assert server.discord.said[-1]["content"] == "Feedback from Dee: **Fish**\nMore, please"
    for _ in range(2):
        await _sent(server, page)
    assert (await _sent(server, page)).startswith("You told the team a lot already.")


@pytest.mark.promise("discord.14")
async def test_a_page_that_is_not_the_bots_and_one_that_is_empty_tell_nothing(server: Server) -> None:
    opened = await _does(server, 2, {"name": "feedback", "type": 1, "options": []})
    page = opened["data"]["custom_id"]
    assert await _sent(server, page[:-1] + ("0" if page[-1] != "0" else "1")) == "This page is not one of the bot's."
    assert await _sent(server, page, details=" ") == "Write both, please."
    asked = discord_feedback.FeedbackOf(server.community_id)
    listed = await server.portal.client.call("discord", discord_feedback.FEEDBACK, asked, acting=server.owner)
    assert listed.items == ()
