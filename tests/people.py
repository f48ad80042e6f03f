"""Two people in one installation with every module there is, who leave something about themselves in each of them."""

from __future__ import annotations

import asyncio
import io
import itertools
import zipfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from flask_core.contracts import community, data_desk, discord_guilds, identity, notices, router, slack, twitch
from flask_core.contracts.module import EVENTS, EventBatch, ScoredEvent
from flask_core.datamodels import Account, Event, MessageType, Role
from flask_core.errors import ServiceError
from flask_core.operations import Acting
from flask_core.testing.fake_openai import FakeOpenAI
from flask_core.testing.installation import Installation, installation
from waddlebot.tree import modules

CHANNELS = {"twitch": "twitch:1:2", "discord": "discord:7:70"}
SETTINGS = {
    "TWITCH_CLIENT_ID": "twitch-client", "SLACK_CLIENT_ID": "slack-client", "SLACK_CLIENT_SECRET": "slack-secret",
    "SLACK_SIGNING_SECRET": "slack-signing", "DISCORD_APPLICATION_ID": "1234", "DISCORD_CLIENT_SECRET": "secret",
    "DISCORD_PUBLIC_URL": "http://localhost", "TWITCH_PUBLIC_URL": "http://localhost",
    "SLACK_PUBLIC_URL": "http://localhost", "PORTAL_PUBLIC_URL": "http://localhost",
    "AI_PROVIDER": "openai", "AI_OPENAI_MODEL": "gpt-test",
}  # fmt: skip
_PATIENCE = 20.0
_numbers = itertools.count(1)


@dataclass
class Chatter:
    """Somebody on Twitch and Discord; `mark` is in everything that they say, and in their name."""

    mark: str
    person_id: str = ""


@dataclass
class Town:
    """All modules, a community of Ann's with two channels, and what people do there."""

    inst: Installation
    model: FakeOpenAI
    here: int = 0

    async def ask(self, module: str, operation: Any, request: Any, who: str, role: Role = Role.OWNER) -> Any:
        """What somebody does in the portal, just signed in."""
        acting = Acting(who, datetime.now(UTC), self.here or None, role, name=who)
        return await self.inst.client("portal").call(module, operation, request, acting=acting)

    async def says(self, who: Chatter, text: str, platform: str = "discord", **fields: Any) -> None:
        """Somebody writes on a platform, or does something else there."""
        account = Account(who.mark, who.mark, f"{who.mark} the chatter")
        kind = fields.pop("kind", MessageType.CHAT)
        event = Event(
            f"{platform}:{next(_numbers)}", kind, CHANNELS[platform], datetime.now(UTC), account, text, **fields
        )
        taken = await self.inst.client(platform).call("router", router.INGEST, router.batch_of([event]))
        assert taken.results[0].outcome == "accepted", taken

    async def found(self) -> None:
        """Ann's community, with its channels."""
        made = await self.ask("community", community.CREATE, community.CreateCommunity("Penguins"), "person-ann")
        self.here = made.id
        for key in CHANNELS.values():
            await self.inst.client("portal").call("community", community.ATTACH, community.AttachChannel(made.id, key))

    async def moves_in(self, who: Chatter) -> None:
        """Somebody asks for their data on Twitch, links Discord, and becomes admin."""
        await self.says(who, "!identity data", "twitch")
        account = identity.AccountKey("twitch", who.mark)

        async def known() -> str:
            found = await self.inst.client("router").call("identity", identity.LOOKUP, identity.LookUp((account,)))
            return str(found.items[0].person_id)

        who.person_id = await eventually(known)
        begun = await self.ask("identity", identity.START_LINK, identity.StartLink("discord"), who.person_id)
        await self.says(who, f"!verify {begun.code} yes")

        async def presented() -> bool:
            listed = await self.ask("identity", identity.LINKS, identity.Nothing(), who.person_id)
            return any(one.presented for one in listed.requests)

        await eventually(presented)
        await self.ask("identity", identity.CONFIRM_LINK, identity.RequestOf(begun.request_id), who.person_id)

        async def member() -> str:
            asked = community.RoleOf(self.here, who.person_id)
            found = await self.inst.client("portal").call("community", community.ROLE_OF, asked)
            spoken = community.AccountOf(self.here, "discord", who.mark)
            behind = await self.inst.client("portal").call("community", community.ROLE_OF_ACCOUNT, spoken)
            return found.member_id if found.member_id and found.member_id == behind.member_id else ""

        asked = community.SetRole(self.here, await eventually(member), Role.ADMIN)
        await self.ask("community", community.SET_ROLE, asked, "person-ann")

    async def exported(self, who: Chatter) -> dict[str, Any]:
        """Their file, once every module answered: what stands in it, by module."""
        made = await self.ask("identity", data_desk.ASK_EXPORT, data_desk.Nothing(), who.person_id)
        asked = data_desk.RequestNumber(made.number)
        await eventually(lambda: self._done(asked))
        file = await self.ask("identity", data_desk.FETCH_EXPORT, asked, who.person_id)
        with zipfile.ZipFile(io.BytesIO(file.content)) as archive:
            return {name.removesuffix(".json"): msgspec.json.decode(archive.read(name)) for name in archive.namelist()}

    async def erased(self, who: Chatter) -> data_desk.DeskRequest:
        """They type the word, and three days go by."""
        made = await self.ask("identity", data_desk.ASK_ERASE, data_desk.AskErase(data_desk.WORD), who.person_id)

        def unit(tx: Any) -> None:
            past = datetime.now(UTC) - timedelta(seconds=1)
            tx.run("UPDATE desk_requests SET due_at = ? WHERE id = ?", past, made.number)
            tx.run("UPDATE desk_parts SET claimed_until = ? WHERE request_id = ?", past, made.number)

        await self.inst.services["identity"].database.write(unit)
        asked = data_desk.RequestNumber(made.number)
        await eventually(lambda: self._done(asked), 60)
        found: data_desk.DeskRequest = await self.inst.client("portal").call("identity", data_desk.REQUEST, asked)
        return found

    async def _done(self, asked: data_desk.RequestNumber) -> bool:
        found = await self.inst.client("portal").call("identity", data_desk.REQUEST, asked)
        return bool(found.state == "done")

    async def everybody_is_known(self) -> None:
        """Wait until the router knows all modules."""

        async def known() -> bool:
            listed = await self.inst.client("portal").call("router", router.MODULES, router.Nothing())
            return set(self.inst.services) <= {one.manifest.name for one in listed.items}

        await eventually(known)


async def eventually[T](look: Callable[[], Awaitable[T]], seconds: float = _PATIENCE, what: str = "it") -> T:
    """What `look` finds, as soon as that is something."""
    refused = ""
    try:
        async with asyncio.timeout(seconds):
            while True:
                try:
                    if found := await look():
                        return found
                except ServiceError as error:
                    refused = error.message
                await asyncio.sleep(0.05)
    except TimeoutError:
        raise AssertionError(f"{what} did not come: {refused}") from None


@asynccontextmanager
async def town(folder: Path) -> AsyncIterator[Town]:
    """The installation."""
    model = FakeOpenAI()
    async with model.running() as url:
        settings = SETTINGS | {"AI_OPENAI_BASE_URL": f"{url}/v1", "AI_OPENAI_API_KEY": model.key}
        folders = [info.folder.name for info in modules()]
        async with installation(folders, f"sqlite://{folder}/town.db", settings=settings) as inst:
            made = Town(inst, model)
            await made.everybody_is_known()
            await made.found()
            yield made


async def plant_identity(town: Town, who: Chatter) -> None:
    """Moving in did it: the name comes from the account."""


async def plant_community(town: Town, who: Chatter) -> None:
    """So it did here."""


async def plant_router(town: Town, who: Chatter) -> None:
    await town.says(who, f"hello says {who.mark}")


async def plant_memories(town: Town, who: Chatter) -> None:
    await town.says(who, f'!quote add "{who.mark} was here"')


async def plant_alias(town: Town, who: Chatter) -> None:
    await town.says(who, f"!cmd add hug{who.mark} Hello from {who.mark}")


async def plant_ai(town: Town, who: Chatter) -> None:
    await town.says(who, f"!ai what does {who.mark} do?")


async def plant_browser_source(town: Town, who: Chatter) -> None:
    await town.says(who, f"!ticker {who.mark} on the screen")
    event = Event(f"cheer:{who.mark}", MessageType.CHEER, CHANNELS["twitch"], datetime.now(UTC),
                  Account(who.mark, who.mark, who.mark), "cheer", amount=100)  # fmt: skip
    batch = EventBatch((ScoredEvent(event, town.here),))
    await town.inst.client("router").call("browser_source", EVENTS, batch)


async def plant_portal(town: Town, who: Chatter) -> None:
    notice = notices.PutNotice(f"n-{who.mark}", f"about {who.mark}", f"{who.mark} is needed", person_id=who.person_id)
    await town.inst.client("twitch").call("portal", notices.NOTIFY, notice)


async def plant_twitch(town: Town, who: Chatter) -> None:
    asked = twitch.StartGrant("bot", town.here, session=f"session-{who.mark}")
    await town.ask("twitch", twitch.START_REDIRECT, asked, who.person_id, Role.ADMIN)


async def plant_slack(town: Town, who: Chatter) -> None:
    await town.ask("slack", slack.START, slack.StartInstall(town.here), who.person_id, Role.ADMIN)


async def plant_discord(town: Town, who: Chatter) -> None:
    await town.ask("discord", discord_guilds.START, discord_guilds.StartProof(town.here), who.person_id, Role.ADMIN)


PLANTS: dict[str, Callable[[Town, Chatter], Awaitable[None]]] = {
    name.removeprefix("plant_"): plant for name, plant in dict(globals()).items() if name.startswith("plant_")
}
"""How people leave something in each module."""

NAMELESS = {"twitch": "grants", "slack": "changes", "discord": "audit"}
"""Tables whose rows name nobody: there is exactly one for each of the two."""
