"""A Discord server on its page: invited, attached, and what is missing there."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from flask_core.contracts import community
from flask_core.testing.fake_discord import APPLICATION_ID, TOKEN, FakeDiscord, FakeGuild, running_discord
from portal_module_flask.tests.house import FOLDERS, House, new_house


async def _page_with(house: House, words: str) -> str:
    async with asyncio.timeout(10):
        while words not in (html := await house.page(f"{house.here}/platforms/discord")):  # noqa: ASYNC110 - the page's state
            await asyncio.sleep(0.05)
    return html


async def test_without_a_token_the_page_says_what_the_operator_does(house: House) -> None:
    html = await house.page(f"{house.here}/platforms/discord")
    assert "Not connected: set DISCORD_BOT_TOKEN." in html
    assert "Invite the bot" not in html


async def test_the_checklist_looks_for_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running_discord() as fake:
        settings = {"DISCORD_BOT_TOKEN": TOKEN, "DISCORD_API_URL": fake.url, "DISCORD_APPLICATION_ID": APPLICATION_ID}
        async with new_house(FOLDERS, f"sqlite://{tmp_path}/h.db", monkeypatch, settings=settings) as house:
            await house.settle_in()
            html = await _page_with(house, "Discord tells the bot what happens.")
            assert "scope=bot+applications.commands" in html
            assert "Invite the bot, then write /community attach" in html
            guild = fake.add_guild("Icefloe & friends")
            role = guild.members[APPLICATION_ID].roles[0]
            guild.roles[role]["permissions"] = str(int(guild.roles[role]["permissions"]) & ~(1 << 40))
            await _joins(house, fake, guild)
            html = await _page_with(house, "Icefloe &amp; friends")
            assert "The bot lacks: Timeout Members." in html
            await _page_with(house, "slash commands, registered")


async def _joins(house: House, fake: FakeDiscord, guild: FakeGuild) -> None:
    await fake.dispatch("GUILD_CREATE", guild.shown(APPLICATION_ID), guild.id)
    key = f"discord:{guild.id}:{next(iter(guild.channels))}"
    asked = community.AttachChannel(house.community_id, key, "general")
    await house.inst.client("portal").call("community", community.ATTACH, asked)
