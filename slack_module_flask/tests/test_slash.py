"""`/waddlebot`, mentions and shortcuts: who is answered what, where."""

from __future__ import annotations

from typing import Any

import pytest

from flask_core.contracts.module import Delivery
from flask_core.datamodels import Account, Chat
from flask_core.testing.installation import until
from slack_module_flask.responses import PREFIX
from slack_module_flask.tests.conftest import GENERAL, Town


@pytest.mark.promise("slack.10")
async def test_each_command_is_answered_to_the_asker(town: Town) -> None:
    for text in ("", "help"):
        said = await town.command(text)
        assert said.startswith("This is *Penguins*.")
        assert "/waddlebot quote" in said
        assert "https://bot.example/c/" in said
    status = await town.command("status")
    assert status.startswith("*Penguins*. Modules: community, memories, ")
    assert "HTTPS, last event" in status
    assert "no quotes" in (await town.command("quote")).lower()
    assert await town.command("frobnicate <!channel>") == (
        "I do not know «frobnicate». /waddlebot help lists what works here."
    )
    assert all(said["ephemeral"] for said in town.slack.said)


@pytest.mark.promise("slack.10")
async def test_a_channel_of_no_community_says_so(town: Town) -> None:
    town.team.add_channel("C5", "elsewhere")
    assert (await town.command("quote", channel="C5")).startswith("This channel belongs to no community yet.")
    assert (await town.command("help", channel="C5")).startswith("This channel belongs to no community yet.")


@pytest.mark.promise("slack.11")
async def test_a_sixth_answer_goes_another_way(town: Town) -> None:
    told = await town.slack.deliveries.command(town.team, "C1", "U2", "quote")
    assert told.taken
    await until(lambda: town.slack.said, "an answer")
    (name,) = [one.reply_to for one in await deliveries_of(town)]
    ben = Account("T1.U2", "ben", "Ben")
    for number in range(1, 6):
        town.slack.limits = False
        await spoken(town, Delivery(number, f"router:more-{number}", GENERAL, Chat(f"answer {number}"), 2,
                                    reply_to=name, account=ben))  # fmt: skip
    (response,) = town.slack.responses.values()
    assert (response.uses, len(response.said)) == (5, 5)
    assert town.slack.calls.count("chat.postEphemeral") == 1
    assert (town.slack.said[-1]["user"], town.slack.said[-1]["text"]) == ("U2", "answer 5")


async def deliveries_of(town: Town) -> list[Any]:
    """Where the answers to the last command belong."""
    shared = town.inst.runtime.shared
    assert shared is not None
    names = [key for key in shared._values if key.startswith(f"slack:{PREFIX}")]  # type: ignore[attr-defined]
    bare = {name.removeprefix("slack:") for name in names if name.count(":") == 2}
    return [Delivery(0, "", GENERAL, Chat(""), 2, reply_to=name) for name in bare]


async def spoken(town: Town, delivery: Delivery) -> None:
    """As the router does: again after the time that it is told."""
    import asyncio

    while (await town.deliver(delivery))[0].retry_after:  # noqa: ASYNC110 - its own state
        await asyncio.sleep(0.05)


async def test_answers_are_public_where_the_workspace_wants_that(town: Town) -> None:
    from flask_core.contracts import slack

    settings = slack.WorkspaceSettings(slash_public=True)
    await town.ask(slack.SET_UP, slack.PutWorkspaceSettings("T1", town.community_id, settings))
    await town.command("quote")
    assert town.slack.said[0]["ephemeral"] is False


async def test_the_same_command_that_comes_again_is_one(town: Town) -> None:
    deliveries, sent = town.slack.deliveries, []
    working = deliveries.send

    async def remember(kind: str, payload: dict[str, Any]) -> Any:
        sent.append((kind, payload))
        return await working(kind, payload)

    deliveries.send = remember  # type: ignore[method-assign]
    await town.command("quote")
    await working(*sent[0])
    traces = await town.settled(1)
    assert [trace.text for trace in traces] == ["!quote"]


async def test_a_direct_line_is_answered_directly(town: Town) -> None:
    said = await town.answer("!commands", "U2", "DU2")
    assert (said["channel"], "thread_ts" in said) == ("U2", False)


async def test_the_shortcut_asks_for_a_command_and_answers_directly(town: Town) -> None:
    from slack_module_flask.scopes import SHORTCUT

    await town.slack.deliveries.shortcut(town.team, "U2", SHORTCUT)
    await until(lambda: town.slack.views, "the modal")
    view = town.slack.views[0]
    told = await town.slack.deliveries.submit(town.team, "U2", view, {"f0": {"value": {"value": "help"}}})
    assert told.taken
    await until(lambda: town.slack.said, "an answer")
    assert (town.slack.said[0]["channel"], "/waddlebot" in town.slack.said[0]["text"]) == ("U2", True)


async def test_the_home_tab_is_drawn_at_most_once_a_minute(town: Town) -> None:
    for _ in range(3):
        await town.event("app_home_opened", user="U2", tab="home")
    await until(lambda: town.slack.homes, "the tab")
    await town.settled()
    assert [home["user_id"] for home in town.slack.homes] == ["U2"]
