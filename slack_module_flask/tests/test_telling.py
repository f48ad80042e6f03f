"""Who is told when Slack needs somebody, and when that is over."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest

from flask_core.contracts import slack
from flask_core.contracts.module import Delivery
from flask_core.contracts.notices import NOTIFY, RESOLVE, Notice, NoticeAbout, PutNotice
from flask_core.datamodels import Chat
from flask_core.errors import TooMany, Unavailable
from flask_core.testing.fake_slack_deliveries import body_of
from flask_core.testing.installation import until
from slack_module_flask.tests.conftest import GENERAL, Town, living
from slack_module_flask.tests.test_connecting import install, replica


class Board:
    """The portal's notices; `away` for a portal that does not answer."""

    def __init__(self, town: Town) -> None:
        self.told: list[PutNotice] = []
        self.over: list[str] = []
        self.away = False

        @town.portal.offers(NOTIFY)
        async def notify(asked: PutNotice, _: object) -> Notice:
            if self.away:
                raise Unavailable("The portal is away.")
            self.told.append(asked)
            return Notice(len(self.told), asked.text, asked.link, datetime.now(UTC), new=True)

        @town.portal.offers(RESOLVE)
        async def resolve(asked: NoticeAbout, _: object) -> None:
            self.over.append(asked.about)


async def upkeep_turn(town: Town) -> None:
    """One turn of the upkeep, in another replica."""
    other = replica(town)
    await other.upkeep.step()
    await other.close()


async def test_who_connected_a_workspace_is_told_once_a_day_that_its_sign_in_is_over(tmp_path: Path) -> None:
    async with living(f"sqlite://{tmp_path}/t.db", SLACK_BOT_TOKEN="") as town:
        board = Board(town)
        await install(town)
        town.slack.errors["chat.postMessage"] = ["account_inactive"]
        await town.deliver(Delivery(1, "router:1", GENERAL, Chat("hello"), town.community_id))
        board.away = True
        await upkeep_turn(town)
        assert board.told == []
        board.away = False
        for _ in range(2):
            await upkeep_turn(town)
        (notice,) = board.told
        assert (notice.community_id, notice.person_id, notice.trouble_on) == (town.community_id, "person-ann", "slack")
        assert notice.text.startswith("Slack: Penguins is no longer connected. Slack does not take the bot's sign-in")
        assert notice.link == f"/c/{town.community_id}/platforms/slack"
        await install(town)
        await upkeep_turn(town)
        assert notice.about in board.over


async def test_that_a_workspace_was_taken_out_is_told(town: Town) -> None:
    board = Board(town)
    await town.event("app_uninstalled")
    for _ in range(2):
        await upkeep_turn(town)
    assert ["The app was taken out" in notice.text for notice in board.told] == [True]


async def test_that_slack_leaves_out_events_is_told_and_shown(town: Town) -> None:
    board = Board(town)
    minute = int(datetime(2036, 3, 1, 12, 34, tzinfo=UTC).timestamp())
    limited = {"type": "app_rate_limited", "team_id": "T1", "minute_rate_limited": minute, "api_app_id": "A0FAKE"}
    for _ in range(2):
        told = await town.slack.deliveries.over_http(body_of("events_api", limited))
        assert told.statuses == [200]
        await until(lambda: board.told, "a notice")
    await asyncio.sleep(0)
    (notice,) = board.told
    assert "Penguins" in notice.text
    assert "12:34 UTC" in notice.text
    status = await town.status()
    assert status.workspaces[0].held_back_at == datetime(2036, 3, 1, 12, 34, tzinfo=UTC)
    await town.say("hello", "U2")
    assert "events were left out: Penguins since 12:34 UTC" in (await town.status()).reason


async def test_what_was_changed_is_written_down(town: Town) -> None:
    settings = slack.WorkspaceSettings(slash_public=True)
    await town.ask(slack.SET_UP, slack.PutWorkspaceSettings("T1", town.community_id, settings))
    await town.ask(slack.REMOVE, slack.WorkspaceOf("T1", town.community_id))
    rows = await town.inst.services["slack"].database.read(
        lambda tx: list(tx.rows("SELECT community_id, actor, action, was, became FROM audit ORDER BY id"))
    )
    here = town.community_id
    assert [tuple(row) for row in rows] == [
        (here, "person-ann", "workspace.use", "", ""),
        (here, "person-ann", "workspace.settings", "{}", '{"slash_public":true}'),
        (here, "person-ann", "workspace.leave", "", ""),
    ]


@pytest.mark.parametrize("echoes", [True, False])
async def test_the_test_line_is_heard_again_or_it_is_said_that_it_is_not(town: Town, echoes: bool) -> None:
    town.slack.echoes = echoes
    tested = await town.ask(slack.TEST, slack.ChannelOf("T1", "C1", town.community_id))
    assert (tested.channel, tested.heard is not None) == ("#general", echoes)
    with pytest.raises(TooMany):
        await town.ask(slack.TEST, slack.ChannelOf("T1", "C1", town.community_id))
