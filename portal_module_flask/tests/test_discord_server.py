"""A Discord server on its page: connected from there, its channels attached, set up, and its roles mapped."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import pytest_asyncio

from discord_module_flask.feedback.repository import FeedbackRepository
from flask_core.contracts import community
from flask_core.contracts.discord_feedback import Feedback
from flask_core.testing.fake_discord import (
    APPLICATION_ID,
    CLIENT_SECRET,
    TOKEN,
    FakeDiscord,
    FakeGuild,
    running_discord,
)
from portal_module_flask.tests.house import House, new_house

SOME = ["router_module_flask", "community_module_flask", "identity_core_module_flask",
        "memories_interaction_module_flask",
        "portal_module_flask", "discord_module_flask", "browser_source_core_module_flask"]  # fmt: skip


@dataclass
class Den:
    """Ann's house beside a Discord where she owns the server Icefloe."""

    house: House
    discord: FakeDiscord
    guild: FakeGuild

    @property
    def page(self) -> str:
        """The page about Discord of Ann's community."""
        return f"{self.house.here}/platforms/discord"

    @property
    def server(self) -> str:
        """The page of the server."""
        return f"{self.page}/{self.guild.id}"

    @property
    def general(self) -> str:
        """A channel's id."""
        return next(iter(self.guild.channels))

    async def connect(self) -> str:
        """Ann says yes at Discord, and comes back."""
        html = await self.house.send(f"{self.page}/connect", 200, on=self.page)
        link = re.search(r'href="(https://discord\.com/oauth2[^"]+)"', html)
        assert link is not None
        state = parse_qs(urlsplit(unescape(link[1])).query)["state"][0]
        code = self.discord.says_yes(self.guild.members[self.guild.owner_id])
        back = f"/connect/discord/callback?state={state}&code={code}&guild_id={self.guild.id}"
        where = (await self.house.look(back, 303))[1]["Location"]
        return await self.house.page(where)


@pytest_asyncio.fixture
async def den(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Den]:
    """Ann has settled in; the bot is in the server, which is nobody's yet."""
    async with running_discord() as fake:
        guild = fake.add_guild("Icefloe & friends")
        settings = {
            "DISCORD_BOT_TOKEN": TOKEN, "DISCORD_API_URL": fake.url, "DISCORD_APPLICATION_ID": APPLICATION_ID,
            "DISCORD_CLIENT_SECRET": CLIENT_SECRET, "PORTAL_PUBLIC_URL": "http://localhost",
        }  # fmt: skip
        async with new_house(SOME, f"sqlite://{tmp_path}/h.db", monkeypatch, settings=settings) as house:
            await house.settle_in()
            made = Den(house, fake, guild)
            async with asyncio.timeout(10):
                while "Discord tells the bot" not in await house.page(made.page):  # noqa: ASYNC110 - the page's state
                    await asyncio.sleep(0.05)
            yield made


async def test_a_server_is_connected_its_channel_attached_and_tried(den: Den) -> None:
    assert "Icefloe &amp; friends" not in await den.house.page(den.page)
    assert await den.house.page(den.server, 404)
    html = await den.connect()
    assert "Attach the channels that belong to Penguins." in html
    where = await den.house.send(f"{den.server}/channels/{den.general}/attach", on=den.server)
    assert "attached</td>" in await den.house.page(where)
    html = await den.house.send(f"{den.server}/channels/{den.general}/test", 200, on=den.server)
    assert "Said; Discord took 0." in html
    assert den.discord.said[-1]["channel_id"] == den.general
    await den.house.send(f"{den.server}/channels/{den.general}/detach", on=den.server)
    attached = await den.house.inst.client("portal").call(
        "community", community.CHANNELS, community.CommunityId(den.house.community_id)
    )
    assert not [one for one in attached.items if one.key.startswith("discord:")]
    assert "Icefloe &amp; friends" in await den.house.page(den.page)


@pytest.mark.promise("community.18")
async def test_all_of_a_server_is_attached_and_a_channel_besides(den: Den) -> None:
    assert "Attach the whole server" in await den.connect()
    html = await den.house.page(await den.house.send(f"{den.server}/attach", on=den.server))
    assert "The whole server belongs here" in html
    assert "with the server</td>" in html
    assert "Detach the whole server" in html
    html = await den.house.send(f"{den.server}/channels/{den.general}/test", 200, on=den.server)
    assert "Said; Discord took 0." in html
    html = await den.house.page(await den.house.send(f"{den.server}/channels/{den.general}/attach", on=den.server))
    assert "attached</td>" in html
    html = await den.house.page(await den.house.send(f"{den.server}/detach", on=den.server))
    assert "Attach the whole server" in html
    assert "attached</td>" in html
    assert "This server is not attached here." in await den.house.send(f"{den.server}/detach", 404, on=den.server)


async def test_settings_and_roles_are_chosen(den: Den) -> None:
    bots, lounge = den.guild.add_channel("bots"), den.guild.add_channel("Lounge", 2)
    helpers = den.guild.add_role("Helpers <3")
    await den.connect()
    where = await den.house.send(
        f"{den.server}/settings", on=den.server, reading="all_but", listed=bots, prefix="?", log_channel=bots,
        voice_excluded=lounge, voice="yes", platform_roles="yes",
    )  # fmt: skip
    html = await den.house.page(where)
    assert "Saved." in html
    assert re.search(rf'name="listed" value="{bots}" checked', html)
    assert re.search(rf'name="voice_excluded" value="{lounge}" checked', html)
    assert '<option value="all_but" selected>' in html
    assert not re.search(r'name="ephemeral" value="yes" checked', html)
    html = await den.house.send(f"{den.server}/settings", 400, on=den.server, reading="all", prefix="word")
    assert "A prefix is up to five characters" in html
    html = await den.house.page(
        await den.house.send(f"{den.server}/roles", on=den.server, **{f"role-{helpers}": "vip"})
    )
    assert "@Helpers &lt;3" in html
    assert '<option value="vip" selected>' in html


async def test_who_comes_back_with_nothing_is_told(den: Den) -> None:
    assert "Nothing was connected." in await den.house.page("/connect/discord/callback?error=access_denied", 400)
    made_up = "/connect/discord/callback?state=made-up&code=x&guild_id=1"
    assert "this way was not begun here" in await den.house.page(made_up, 400)


async def test_moderators_read_what_members_told(den: Den) -> None:
    assert "Nobody told you anything yet." in await den.house.page(f"{den.page}/feedback")
    database = den.house.inst.services["discord"].database
    told = Feedback("f", "Dee", "Icefloe", "Fish <b>", "More\nfish", datetime.now(UTC))
    await FeedbackRepository(database).keep(den.house.community_id, "7", told)
    html = await den.house.page(f"{den.page}/feedback")
    assert "Fish &lt;b&gt;" in html
    assert "More\nfish" in html


async def test_an_operator_lets_the_bot_ask_for_its_intents_again(den: Den) -> None:
    assert "Connect again" not in await den.house.page(den.page)
    den.discord.refuses_intents = 1 << 15
    assert "The bot connects again." in await den.house.page(await den.house.send(f"{den.page}/reconnect", on=den.page))
    async with asyncio.timeout(20):
        while "moderation are off" not in (html := await den.house.page(den.page)):  # noqa: ASYNC110 - the page's state
            await asyncio.sleep(0.1)
    assert "Connect again, with every intent" in html
