"""A workspace on a fake Slack, and the bot that reads and answers it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Set
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest_asyncio
from quart.typing import TestClientProtocol

from flask_core.contracts import community, router, slack
from flask_core.contracts.module import DELIVER, Deliveries, Delivery, DeliveryResult
from flask_core.datamodels import Role
from flask_core.operations import Acting
from flask_core.testing.fake_slack import (
    APP_TOKEN,
    CLIENT_ID,
    CLIENT_SECRET,
    SIGNING_SECRET,
    FakeSlack,
    FakeWorkspace,
    running_slack,
)
from flask_core.testing.installation import FakeModule, Installation, installation, until
from slack_module_flask.scopes import BOT_SCOPES

WEBHOOK = "/api/v1/webhooks/slack"
ALL = ["router_module_flask", "community_module_flask", "memories_interaction_module_flask", "slack_module_flask"]
GENERAL = "slack:T1:C1"


@dataclass
class Town:
    """Workspace Penguins: Ann owns it, Ben and another Ann are members; #general belongs to a community."""

    inst: Installation
    slack: FakeSlack
    team: FakeWorkspace
    web: TestClientProtocol
    portal: FakeModule
    owner: Acting
    community_id: int = 0

    async def post(self, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, str], str]:
        """What our address answers."""
        answer = await self.web.post(WEBHOOK, data=body, headers=headers)
        return answer.status_code, dict(answer.headers), await answer.get_data(as_text=True)

    async def ask(self, operation: Any, asked: Any, person: Acting | None = None) -> Any:
        """Somebody asks slack through the portal."""
        return await self.portal.client.call("slack", operation, asked, acting=person or self.owner)

    async def ask_as_module(self, operation: Any, asked: Any) -> Any:
        """A module asks slack."""
        return await self.inst.client("labels").call("slack", operation, asked)

    async def status(self) -> slack.Status:
        """The tile."""
        found: slack.Status = await self.ask(slack.STATUS, slack.OfCommunity(self.community_id))
        return found

    async def say(self, text: str, user: str = "U1", channel: str = "C1", **more: Any) -> Any:
        """A line, and how Slack was answered."""
        return await self.slack.deliveries.say(self.team, channel, user, text, **more)

    async def event(self, kind: str, **fields: Any) -> Any:
        """Another event."""
        return await self.slack.deliveries.event(self.team, {"type": kind, **fields})

    async def command(self, text: str, user: str = "U2", channel: str = "C1") -> str:
        """`/waddlebot text`, and what it is answered."""
        before = len(self.slack.said)
        told = await self.slack.deliveries.command(self.team, channel, user, text)
        assert told.taken
        await until(lambda: len(self.slack.said) > before, "an answer")
        return str(self.slack.said[before]["text"])

    async def answer(self, text: str, user: str = "U1", channel: str = "C1", **more: Any) -> dict[str, Any]:
        """A line, and what the bot says to it."""
        before = len(self.slack.said)
        assert (await self.say(text, user, channel, **more)).taken
        await until(lambda: len(self.slack.said) > before, "an answer")
        return self.slack.said[before]

    async def deliver(self, *deliveries: Delivery) -> list[DeliveryResult]:
        """What the router asks for."""
        answer = await self.inst.client("router").call("slack", DELIVER, Deliveries(deliveries))
        return list(answer.results)

    async def traces(
        self, fits: Callable[[router.TraceView], bool], at_least: int = 1, community_id: int = 0
    ) -> list[router.TraceView]:
        """What happened lately in the community, or another one, as soon as something fits."""
        async with asyncio.timeout(10):
            while True:
                asked = router.ListTraces(community_id or self.community_id)
                listed = await self.portal.client.call("router", router.TRACES, asked)
                found = [trace for trace in listed.items if fits(trace)]
                if len(found) >= at_least:
                    return found
                await asyncio.sleep(0.01)

    async def member(self, account: str) -> community.Member:
        """The member of an account that has spoken."""
        asked = community.ListMembers(self.community_id)
        listed = await self.portal.client.call("community", community.MEMBERS, asked, acting=self.owner)
        return next(one for one in listed.items if any(known.user_id == account for known in one.accounts))

    async def assign(self, account: str, role: Role) -> None:
        """Ann gives somebody a role in the community."""
        asked = community.SetRole(self.community_id, (await self.member(account)).id, role)
        await self.portal.client.call("community", community.SET_ROLE, asked, acting=self.owner)

    async def settled(self, expected: int = 0) -> list[router.TraceView]:
        """Everything that happened, once it is as much as expected and lines that came later are through."""
        if expected:
            await self.traces(lambda _: True, expected)
        for last in ("the last word", "the very last word"):
            await self.say(last, "U2")
            await self.traces(lambda trace, last=last: trace.text == last)  # type: ignore[misc]
        return [one for one in await self.traces(lambda _: True) if not one.text.endswith("last word")]


@asynccontextmanager
async def living(
    url: str,
    *,
    folders: list[str] | None = None,
    prepare: Callable[[Installation], None] | None = None,
    sockets: bool = False,
    also: Set[str] = frozenset(),
    without: Set[str] = frozenset(),
    **settings: str,
) -> AsyncIterator[Town]:
    """An installation beside a fake Slack, with a community that Ann owns and one attached channel."""
    async with running_slack() as fake:
        team = fake.add_workspace("T1", "Penguins", (set(BOT_SCOPES) | also) - without)
        team.add_member("U1", "ann", display_name="Ann", is_primary_owner=True, is_owner=True, is_admin=True)
        team.add_member("U2", "ben", display_name="Ben")
        team.add_member("U3", "ann.other", display_name="Ann")
        team.add_channel("C1", "general")
        given = {
            "SLACK_BOT_TOKEN": team.bot_token,
            "SLACK_SIGNING_SECRET": SIGNING_SECRET,
            "SLACK_APP_TOKEN": APP_TOKEN if sockets else "",
            "SLACK_CLIENT_ID": CLIENT_ID,
            "SLACK_CLIENT_SECRET": CLIENT_SECRET,
            "SLACK_API_URL": fake.api_url,
            "PUBLIC_URL": "https://bot.example",
            **settings,
        }
        async with installation(folders or ALL, url, settings=given, prepare=prepare) as inst:
            owner = Acting("person-ann", datetime.now(UTC), operator=True, name="Ann", role=Role.OWNER)
            town = Town(inst, fake, team, inst.app("slack").test_client(), inst.fake("portal"), owner)
            fake.post = town.post
            if "community" in inst.services:
                await settle(town)
            yield town


async def settle(town: Town) -> None:
    """The community, the workspace it uses, the attached channel."""
    asked = community.CreateCommunity("Penguins")
    made = await town.portal.client.call("community", community.CREATE, asked, acting=town.owner)
    town.community_id = made.id
    await introduced(town)
    if town.inst.services["slack"].config.bot_token:  # type: ignore[attr-defined]
        await until(lambda: "users.list" in town.slack.calls, "the workspace to be known")
        await town.ask(slack.USE, slack.UseWorkspace("T1", made.id))
        await town.ask(slack.ATTACH, slack.ChannelOf("T1", "C1", made.id))


async def introduced(town: Town) -> None:
    """The router knows what memories offers."""
    asked = router.ListCommands(town.community_id, q="quote")
    async with asyncio.timeout(10):
        while not (await town.portal.client.call("router", router.COMMANDS, asked, acting=town.owner)).items:  # noqa: ASYNC110
            await asyncio.sleep(0.01)


@pytest_asyncio.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    """Over HTTPS."""
    async with living(f"sqlite://{tmp_path}/t.db") as made:
        yield made


@pytest_asyncio.fixture
async def town_by_socket(tmp_path: Path) -> AsyncIterator[Town]:
    """Over Socket Mode, with two sockets."""
    async with living(f"sqlite://{tmp_path}/t.db", sockets=True) as made:
        await until(lambda: len(made.slack.sockets.open) == 2, "two sockets")
        yield made
