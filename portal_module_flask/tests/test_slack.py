"""A Slack workspace connected from the portal beside a fake Slack, its channels, and the app's manifest."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import pytest_asyncio
import yaml

from flask_core.contracts import community, community_servers
from flask_core.testing.fake_slack import (
    APP_TOKEN,
    CLIENT_ID,
    CLIENT_SECRET,
    FakeSlack,
    FakeWorkspace,
    running_slack,
)
from flask_core.testing.installation import until
from portal_module_flask.tests.house import House, new_house
from slack_module_flask.scopes import BOT_SCOPES

SOME = ["router_module_flask", "community_module_flask", "identity_core_module_flask",
        "memories_interaction_module_flask",
        "portal_module_flask", "slack_module_flask", "browser_source_core_module_flask"]  # fmt: skip


@dataclass
class Office:
    """Ann's house beside a Slack, where she owns the workspace Penguins."""

    house: House
    slack: FakeSlack
    team: FakeWorkspace

    @property
    def page(self) -> str:
        """The page about Slack of Ann's community."""
        return f"{self.house.here}/platforms/slack"

    async def begin(self) -> str:
        """Ann presses connect; the state that goes to Slack with her."""
        html = await self.house.send(f"{self.page}/connect", 200, on=self.page)
        link = re.search(r'href="(https://slack\.com/oauth[^"]+)"', html)
        assert link is not None
        return parse_qs(urlsplit(unescape(link[1])).query)["state"][0]

    async def connect(self) -> str:
        """Ann says yes at Slack, and comes back."""
        back = f"/connect/slack/callback?state={await self.begin()}&code={self.slack.code(self.team, 'U1')}"
        where = (await self.house.look(back, 303))[1]["Location"]
        return await self.house.page(where)


@pytest_asyncio.fixture
async def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Office]:
    """Ann has settled in; nothing is connected."""
    async with running_slack() as fake:
        team = fake.add_workspace("T1", "Penguins", set(BOT_SCOPES))
        team.add_member("U1", "ann", is_owner=True)
        team.add_channel("C1", "general")
        team.add_channel("C2", "random", with_bot=False)
        settings = {
            "SLACK_APP_TOKEN": APP_TOKEN,
            "SLACK_CLIENT_ID": CLIENT_ID,
            "SLACK_CLIENT_SECRET": CLIENT_SECRET,
            "SLACK_API_URL": fake.api_url,
            "SLACK_PUBLIC_URL": "https://slack.bot.example",
            "PORTAL_PUBLIC_URL": "http://localhost",
        }
        async with new_house(SOME, f"sqlite://{tmp_path}/h.db", monkeypatch, settings=settings) as house:
            await house.settle_in()
            yield Office(house, fake, team)


async def test_a_workspace_is_connected_its_channel_attached_and_tested(office: Office) -> None:
    assert "No Slack workspace is connected yet" in await office.house.page(office.page)
    html = await office.connect()
    assert "Penguins is connected" in html
    assert "/invite @WaddleBot" in html
    channels = f"{office.page}/T1/channels/C1"
    await office.house.send(f"{channels}/attach", on=office.page)
    assert "Say a test line" in await office.house.page(office.page)
    office.slack.echoes = True
    html = await office.house.send(f"{channels}/test", 200, on=office.page)
    assert "Said in #general" in html
    assert "and told us of it after" in html
    assert office.slack.said[0]["channel"] == "C1"
    await until(lambda: len(office.slack.sockets.open) == 2, "the sockets")
    await office.slack.deliveries.say(office.team, "C1", "U1", "!commands")
    await until(lambda: len(office.slack.said) == 2, "an answer")


@pytest.mark.promise("community.18")
async def test_all_of_a_workspace_is_attached_and_freed_with_its_end(office: Office) -> None:
    await office.connect()
    await office.house.send(f"{office.page}/T1/attach", on=office.page)
    html = await office.house.page(office.page)
    assert "The whole workspace belongs here" in html
    assert "with the workspace</td>" in html
    await office.house.send(f"{office.page}/T1/detach", on=office.page)
    assert "Attach the whole workspace" in await office.house.page(office.page)
    await office.house.send(f"{office.page}/T1/attach", on=office.page)
    await office.house.send(f"{office.page}/T1/disconnect", on=office.page, sure="yes")
    here = community.CommunityId(office.house.community_id)
    left = await office.house.inst.client("portal").call("community", community_servers.SERVERS, here)
    assert left.items == ()


async def test_settings_are_kept_and_shown(office: Office) -> None:
    await office.connect()
    await office.house.send(f"{office.page}/T1/settings", on=office.page, slash_public="yes", notice_channel="C1")
    html = await office.house.page(office.page)
    assert re.search(r'name="slash_public" value="yes" checked', html)
    assert not re.search(r'name="reply_in_thread" value="yes" checked', html)
    assert '<option value="C1" selected>#general</option>' in html


async def test_channels_that_are_not_read_a_prefix_and_other_bots_are_chosen(office: Office) -> None:
    await office.connect()
    await office.house.send(f"{office.page}/T1/channels/C1/attach", on=office.page)
    assert re.search(r'name="read" value="C1" checked', await office.house.page(office.page))
    await office.house.send(f"{office.page}/T1/settings", on=office.page, listed="C1", prefix="?")
    html = await office.house.page(office.page)
    assert "attached, not read" in html
    assert not re.search(r'name="(read|other_bots)" value="[^"]+" checked', html)
    assert re.search(r'name="prefix"[^>]+ value="\?"', html)
    await office.house.send(
        f"{office.page}/T1/settings", on=office.page, listed="C1", read="C1", other_bots="yes", prefix=""
    )
    html = await office.house.page(office.page)
    assert len(re.findall(r'name="(read|other_bots)" value="[^"]+" checked', html)) == 2
    await office.house.send(f"{office.page}/T1/settings", on=office.page, listed="C1", prefix="")
    await office.house.send(f"{office.page}/T1/settings", on=office.page, unread="C1", prefix="")
    assert "attached, not read" in await office.house.page(office.page)
    refused = await office.house.send(f"{office.page}/T1/settings", 400, on=office.page, prefix="/")
    assert "A prefix has one to three signs" in refused


async def test_feedback_from_slack_is_read_on_home(office: Office) -> None:
    await office.connect()
    office.team.add_member("U2", "ben")
    await office.house.send(f"{office.page}/T1/channels/C1/attach", on=office.page)
    await until(lambda: len(office.slack.sockets.open) == 2, "the sockets")
    await office.slack.deliveries.command(office.team, "C1", "U2", "feedback")
    await until(lambda: office.slack.views, "the form")
    typed = {"f0": {"value": {"value": "Snacks <3"}}, "f1": {"value": {"value": "More fish."}}}
    told = await office.slack.deliveries.submit(office.team, "U2", office.slack.views[0], typed)
    assert '"clear"' in told.answer
    assert "Feedback on Slack: Snacks &lt;3 – More fish." in await office.house.page(f"{office.house.here}/home")
    await until(lambda: office.slack.said, "the thanks")


async def test_a_test_line_that_is_not_heard_again_says_what_is_wrong(office: Office) -> None:
    await office.connect()
    await office.house.send(f"{office.page}/T1/channels/C1/attach", on=office.page)
    html = await office.house.send(f"{office.page}/T1/channels/C1/test", 200, on=office.page)
    assert "events do not arrive here" in html


async def test_a_channel_is_detached_and_a_workspace_disconnected(office: Office) -> None:
    await office.connect()
    await office.house.send(f"{office.page}/T1/channels/C1/attach", on=office.page)
    await office.house.send(f"{office.page}/T1/channels/C1/detach", on=office.page)
    assert ">attached<" not in await office.house.page(office.page)
    refused = await office.house.send(f"{office.page}/T1/disconnect", 400, on=office.page)
    assert "Tick the box" in refused
    await office.house.send(f"{office.page}/T1/disconnect", on=office.page, sure="yes")
    assert office.slack.revoked == [office.team.bot_token]


async def test_who_says_no_at_slack_or_comes_back_with_another_state_connects_nothing(office: Office) -> None:
    html = await office.house.page("/connect/slack/callback?error=access_denied&state=x")
    assert "No workspace was connected" in html
    code = office.slack.code(office.team, "U1")
    html = (await office.house.look(f"/connect/slack/callback?state=another&code={code}", 400))[0]
    assert "not begun here" in html
    assert "No Slack workspace" in await office.house.page(office.page)


async def test_operators_download_the_manifest(office: Office) -> None:
    html = await office.house.page("/operator/slack")
    assert "https://api.slack.com/apps?new_app=1" in html
    as_json = json.loads(await office.house.page("/operator/slack/manifest.json?mode=http"))
    as_yaml = yaml.safe_load(await office.house.page("/operator/slack/manifest.yaml?mode=http"))
    assert as_json == as_yaml
    url = as_json["settings"]["event_subscriptions"]["request_url"]
    assert url == "https://slack.bot.example/api/v1/webhooks/slack"
    assert as_json["oauth_config"]["redirect_urls"] == ["http://localhost/connect/slack/callback"]


async def test_an_operator_lets_a_community_use_a_workspace(office: Office) -> None:
    await office.connect()
    await office.house.send(
        "/operator/slack/use", on="/operator/slack", team="T1", community=str(office.house.community_id)
    )
    assert "Saved" in await office.house.page("/operator/slack?saved=1")


async def test_while_the_module_is_away_the_page_lives(office: Office) -> None:
    office.house.inst.runtime.modules.pop("slack")
    assert "not answering" in await office.house.page(office.page)
    assert "not answering" in await office.house.page("/operator/slack")
