"""A stream on a fake Twitch, and the bot that reads and answers its chat."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest_asyncio
from quart.typing import TestClientProtocol

from flask_core.contracts import community, router, twitch
from flask_core.datamodels import Role
from flask_core.operations import Acting
from flask_core.testing.fake_twitch import (
    CLIENT_ID,
    CLIENT_SECRET,
    FakeTwitch,
    FakeUser,
    chat_message,
    running_twitch,
    signed_headers,
)
from flask_core.testing.installation import FakeModule, Installation, installation, until
from twitch_module_flask.eventsub.wanted import WANTED

SECRET = "a-secret-that-signs-eventsub"
WEBHOOK = "/api/v1/webhooks/eventsub"
FIXTURES = Path(__file__).parent / "fixtures"
BOTH = ["router_module_flask", "community_module_flask", "memories_interaction_module_flask", "twitch_module_flask"]


@dataclass
class Stream:
    """Ann streams on channel 1337; `portal` is the portal that she clicks in."""

    inst: Installation
    twitch: FakeTwitch
    web: TestClientProtocol
    portal: FakeModule
    ann: FakeUser
    owner: Acting
    community_id: int = 0

    async def post(self, body: bytes, headers: dict[str, str]) -> tuple[int, str]:
        """What the webhook answers."""
        answer = await self.web.post(WEBHOOK, data=body, headers=headers)
        return answer.status_code, await answer.get_data(as_text=True)

    async def start(self, kind: twitch.Kind = "broadcaster", **more: Any) -> twitch.Grant:
        """Ann asks the portal to connect an account."""
        asked = twitch.StartGrant(kind, self.community_id if kind == "broadcaster" else 0, **more)
        return await self.portal.client.call("twitch", twitch.START_GRANT, asked, acting=self.owner)

    async def grant(self, grant: twitch.Grant) -> twitch.Grant:
        """How far it is."""
        return await self.portal.client.call("twitch", twitch.GRANT, twitch.GrantId(grant.id), acting=self.owner)

    async def ended(self, grant: twitch.Grant) -> twitch.Grant:
        """How it ended."""
        async with asyncio.timeout(10):
            while (now := await self.grant(grant)).state is twitch.GrantState.PENDING:  # noqa: ASYNC110 - its own state
                await asyncio.sleep(0.02)
        return now

    async def connect(self) -> None:
        """Ann's channel, ready: every notification is on."""
        grant = await self.start()
        self.twitch.approve(grant.user_code, self.ann)
        assert (await self.ended(grant)).state is twitch.GrantState.CONNECTED
        await until(lambda: len(self.enabled) == len(WANTED), "all notifications")
        await self.shows(lambda status: status.channels[0].enabled == status.channels[0].wanted)

    @property
    def enabled(self) -> list[dict[str, Any]]:
        """What Twitch tells us about Ann's channel."""
        return [
            one for one in self.twitch.subscriptions.values()
            if one["status"] == "enabled" and self.ann.id in one["condition"].values()
        ]  # fmt: skip

    async def status(self) -> twitch.Status:
        """The tile."""
        return await self.portal.client.call("twitch", twitch.STATUS, twitch.OfCommunity(self.community_id))

    async def shows(self, fits: Callable[[twitch.Status], object]) -> twitch.Status:
        """The tile, as soon as it says something."""
        async with asyncio.timeout(10):
            while not fits(status := await self.status()):  # noqa: ASYNC110 - what the tile shows
                await asyncio.sleep(0.02)
        return status

    async def chat(self, who: FakeUser, text: str, **more: Any) -> int:
        """A chat line; what the webhook answered."""
        return await self.twitch.notify("channel.chat.message", chat_message(self.ann, who, text, **more))

    async def answer(self, who: FakeUser, text: str, **more: Any) -> str:
        """A chat line, and what the bot says to it."""
        before = len(self.twitch.said)
        assert await self.chat(who, text, **more) == 204
        await until(lambda: len(self.twitch.said) > before, "an answer")
        return str(self.twitch.said[-1]["message"])


@asynccontextmanager
async def streaming(url: str, **settings: str) -> AsyncIterator[Stream]:
    """An installation beside a fake Twitch, with a community that Ann owns."""
    async with running_twitch() as fake:
        given = {
            "TWITCH_CLIENT_ID": CLIENT_ID,
            "TWITCH_CLIENT_SECRET": CLIENT_SECRET,
            "TWITCH_TRANSPORT": "webhook",
            "TWITCH_PUBLIC_URL": "https://bot.example",
            "TWITCH_EVENTSUB_SECRET": SECRET,
            "TWITCH_API_URL": f"{fake.url}/helix",
            "TWITCH_AUTH_URL": f"{fake.url}/oauth2",
            "TWITCH_EVENTSUB_WS_URL": fake.sockets.url,
            **settings,
        }
        async with installation(BOTH, url, settings=given) as inst:
            ann = fake.add_user("1337", "teststreamer")
            owner = Acting("person-ann", datetime.now(UTC), role=Role.OWNER, operator=True, name="Ann")
            stream = Stream(inst, fake, inst.app("twitch").test_client(), inst.fake("portal"), ann, owner)

            async def post(callback: str, headers: dict[str, str], body: bytes) -> tuple[int, str]:
                assert urlsplit(callback).path == WEBHOOK
                return await stream.post(body, headers)

            fake.post = post
            made = await stream.portal.client.call(
                "community", community.CREATE, community.CreateCommunity("Penguins"), acting=owner
            )
            stream.community_id = made.id
            await until(lambda: "memories" in inst.runtime.modules)
            yield stream


@pytest_asyncio.fixture
async def stream(tmp_path: Path) -> AsyncIterator[Stream]:
    """A stream whose channel is connected."""
    async with streaming(f"sqlite://{tmp_path}/t.db") as made:
        await made.connect()
        yield made


@pytest_asyncio.fixture
async def unconnected(tmp_path: Path) -> AsyncIterator[Stream]:
    """A stream whose channel is not connected yet."""
    async with streaming(f"sqlite://{tmp_path}/t.db") as made:
        yield made


def recorded(name: str) -> tuple[dict[str, str], bytes]:
    """Headers and body of a delivery as it was received."""
    request = json.loads((FIXTURES / f"{name}.json").read_text("utf-8"))["request"]
    return dict(request["headers"]), request["body"].encode()


def sent_now(name: str) -> tuple[bytes, dict[str, str]]:
    """A recorded delivery, signed anew with our secret and the present time."""
    headers, body = recorded(name)
    kind, about = headers["Twitch-Eventsub-Message-Type"], headers["Twitch-Eventsub-Subscription-Type"]
    message_id = headers["Twitch-Eventsub-Message-Id"]
    return body, signed_headers(SECRET, body, kind, about, message_id=message_id)


async def traces_of(stream: Stream, fits: Callable[[router.TraceView], bool]) -> list[router.TraceView]:
    """What happened lately in Ann's community, as soon as something fits."""
    found: list[router.TraceView] = []

    async def look() -> list[router.TraceView]:
        asked = router.ListTraces(stream.community_id)
        listed = await stream.portal.client.call("router", router.TRACES, asked)
        return [trace for trace in listed.items if fits(trace)]

    async with asyncio.timeout(10):
        while not found:
            found = await look()
            await asyncio.sleep(0.01)
    return found
