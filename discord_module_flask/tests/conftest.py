"""A server on a fake Discord, and the bot that reads and answers there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest_asyncio
from msgspec.structs import replace

from flask_core.contracts import community, router
from flask_core.contracts import discord as contract
from flask_core.datamodels import Role
from flask_core.operations import Acting
from flask_core.testing.fake_discord import APPLICATION_ID, TOKEN, FakeDiscord, FakeGuild, FakeMember, running_discord
from flask_core.testing.installation import FakeModule, Installation, installation, until

FOLDERS = [
    "router_module_flask", "community_module_flask", "memories_interaction_module_flask", "discord_module_flask",
]  # fmt: skip


@dataclass
class Server:
    """Ann owns the server Icefloe with the channel general, which belongs to the community Penguins."""

    inst: Installation
    discord: FakeDiscord
    portal: FakeModule
    guild: FakeGuild
    ann: FakeMember
    dee: FakeMember
    owner: Acting
    community_id: int = 0

    @property
    def channel(self) -> str:
        """The key of general."""
        return f"discord:{self.guild.id}:{next(iter(self.guild.channels))}"

    async def status(self) -> contract.Status:
        """The tile."""
        return await self.portal.client.call("discord", contract.STATUS, contract.OfCommunity(self.community_id))

    async def connected(self) -> None:
        """Every shard is up."""
        async with asyncio.timeout(10):
            while not (await self.status()).connected:  # noqa: ASYNC110 - its own state
                await asyncio.sleep(0.02)

    async def says(self, count: int = 1) -> list[dict[str, Any]]:
        """What the bot said, once it is so much."""
        await until(lambda: len(self.discord.said) >= count, "an answer")
        return self.discord.said

    async def answer(self, who: FakeMember, text: str, **more: Any) -> dict[str, Any]:
        """Somebody writes, and the bot answers."""
        before = len(self.discord.said)
        await self.discord.write(self.guild, who, text, **more)
        return (await self.says(before + 1))[-1]

    async def trace(self, event_id: str) -> router.TraceView:
        """What became of an event, as soon as that is written down."""
        async with asyncio.timeout(10):
            while True:
                listed = await self.portal.client.call("router", router.TRACES, router.ListTraces(self.community_id))
                if found := next((one for one in listed.items if one.event_id == event_id), None):
                    return found
                await asyncio.sleep(0.02)


@asynccontextmanager
async def serving(folder: Path, fake: FakeDiscord, *folders: str, **settings: str) -> AsyncIterator[Server]:
    """An installation beside a fake Discord, with a community that Ann owns."""
    given = {"DISCORD_BOT_TOKEN": TOKEN, "DISCORD_APPLICATION_ID": APPLICATION_ID, "DISCORD_API_URL": fake.url}
    guild = next(iter(fake.guilds.values()), None) or fake.add_guild("Icefloe")
    ann = guild.members[guild.owner_id]
    dee = next((one for one in guild.members.values() if one.name == "dee"), None) or guild.add_member("dee")
    async with installation(
        list(folders) or FOLDERS, f"sqlite://{folder}/t.db", settings={**given, **settings}
    ) as inst:
        owner = Acting("person-ann", datetime.now(UTC), operator=True, name="Ann")
        server = Server(inst, fake, inst.fake("portal"), guild, ann, dee, owner)
        client = server.portal.client
        listed = await client.call("community", community.LIST, community.ListCommunities(), acting=owner)
        named = [one.id for one in listed.items if one.name == "Penguins"]
        if not named:
            made = await client.call("community", community.CREATE, community.CreateCommunity("Penguins"), acting=owner)
            await client.call(
                "community", community.ATTACH, community.AttachChannel(made.id, server.channel, "general")
            )
            named = [made.id]
        server.community_id = named[0]
        server.owner = replace(owner, community_id=named[0], role=Role.OWNER)
        yield server


@pytest_asyncio.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    """A server to which the bot is connected."""
    async with running_discord() as fake, serving(tmp_path, fake) as made:
        await made.connected()
        yield made


@pytest_asyncio.fixture
async def keyed(tmp_path: Path) -> AsyncIterator[Server]:
    """A server whose interactions come over HTTPS; nobody connects to the gateway: its token is refused."""
    async with running_discord() as fake:
        fake.refuses_token = True
        async with serving(tmp_path, fake, DISCORD_PUBLIC_KEY=fake.public_key) as made:
            await until(lambda: fake.identifies)
            yield made
