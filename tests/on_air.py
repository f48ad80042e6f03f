"""Ann's house with every module on a port of its own, beside a Twitch that posts to it over the network."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from flask_core.contracts import router, twitch
from flask_core.testing.browser import RemoteClient
from flask_core.testing.fake_twitch import (
    CLIENT_ID,
    CLIENT_SECRET,
    FakeTwitch,
    FakeUser,
    chat_message,
    running_twitch,
    signed_headers,
)
from flask_core.testing.installation import installation, until
from flask_core.testing.servers import free_port
from tests.house import House
from twitch_module_flask.eventsub.wanted import WANTED
from waddlebot.tree import modules, root

RECORDINGS = root() / "twitch_module_flask" / "tests" / "fixtures"
SECRET = "example-eventsub-secret"
"""What the recordings are signed with."""
WEBHOOK = "/api/v1/webhooks/eventsub"
_CODE = re.compile(r'<strong class="mono large">([^<]+)</strong>')
_PREFIX = "Twitch-Eventsub-Message-"


@dataclass(frozen=True)
class Delivery:
    """What Twitch posts."""

    headers: dict[str, str]
    body: bytes

    @property
    def event_id(self) -> str:
        """By which its trace is found."""
        return f"twitch:{self.headers[f'{_PREFIX}Id']}"


def recorded(name: str) -> Delivery:
    """A delivery exactly as it was received, but for what belongs to that one connection."""
    request = json.loads((RECORDINGS / f"{name}.json").read_text("utf-8"))["request"]
    headers = {key: value for key, value in request["headers"] if key not in {"Host", "Content-Length"}}
    return Delivery(headers, request["body"].encode())


def renewed(name: str, body: bytes = b"", ago: timedelta = timedelta()) -> Delivery:
    """A recorded delivery, or another body in its place, signed with the same secret now or a while ago."""
    old = recorded(name)
    body = body or old.body
    kind, about = old.headers[f"{_PREFIX}Type"], old.headers["Twitch-Eventsub-Subscription-Type"]
    at = (datetime.now(UTC) - ago).isoformat().replace("+00:00", "Z")
    signed = signed_headers(SECRET, body, kind, about, message_id=old.headers[f"{_PREFIX}Id"], at=at)
    return Delivery(old.headers | {name: signed[name] for name in (f"{_PREFIX}Timestamp", f"{_PREFIX}Signature")}, body)


class Overlay:
    """A page in OBS: hears what is put on screen."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket

    async def hears(self, kind: str) -> dict[str, Any]:
        """The next message of this kind, waited for at most ten seconds."""
        async with asyncio.timeout(10):
            while (message := await self._socket.receive_json())["type"] != kind:
                pass
        return dict(message)

    async def alert(self) -> str:
        """What the next alert says."""
        shown = await self.hears("show")
        assert (shown["lane"], shown["template"]) == ("alerts", "alert")
        return str(shown["data"]["title"])


@dataclass
class OnAir:
    """Ann streams as teststreamer, channel 1337."""

    house: House
    twitch: FakeTwitch
    ann: FakeUser
    web: aiohttp.ClientSession

    async def connect(self) -> None:
        """Ann connects her channel in the portal; Twitch asks our webhook whether it wants each notification."""
        base = f"{self.house.here}/platforms/twitch"
        code = _CODE.search(await self.house.page(await self.house.send(f"{base}/connect", on=base)))
        assert code is not None
        self.twitch.approve(code[1], self.ann)
        await until(self.complete, "all notifications")

    def complete(self) -> bool:
        """Whether Twitch tells everything."""
        about = [one for one in self.twitch.subscriptions.values() if self.ann.id in one["condition"].values()]
        return [one["status"] for one in about].count("enabled") == len(WANTED)

    async def deliver(self, delivery: Delivery) -> tuple[int, str, str]:
        """Post it to the webhook: status, body and content type of the answer."""
        url = f"{self.house.inst.url('twitch')}{WEBHOOK}"
        async with self.web.post(url, data=delivery.body, headers=delivery.headers) as answer:
            return answer.status, await answer.text(), answer.content_type

    async def begins(self, request: bytes) -> str:
        """Write the beginning of a request to the webhook's port; how the answer begins."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.house.inst.services["twitch"].config.port)
        try:
            writer.write(request)
            async with asyncio.timeout(10):
                return (await reader.readline()).decode()[:12]
        finally:
            writer.close()

    async def trace(self, event_id: str) -> router.TraceView:
        """What happened to an event, as soon as that is written down."""
        portal = self.house.inst.client("portal")
        async with asyncio.timeout(10):
            while True:
                listed = await portal.call("router", router.TRACES, router.ListTraces(self.house.community_id))
                if found := next((trace for trace in listed.items if trace.event_id == event_id), None):
                    return found
                await asyncio.sleep(0.02)

    async def status(self) -> twitch.Status:
        """The tile."""
        asked = twitch.OfCommunity(self.house.community_id)
        return await self.house.inst.client("portal").call("twitch", twitch.STATUS, asked)

    async def subscription(self, kind: str) -> str:
        """How it stands with one notification, by our own book."""
        return next((state for one, state in await self._book() if one == kind), "")

    async def _book(self) -> list[tuple[str, str]]:
        database = self.house.inst.services["twitch"].database
        rows = await database.read(lambda tx: tx.rows("SELECT type, status FROM eventsub_subscriptions"))
        return [(row[0], row[1]) for row in rows]

    async def waits_for(self, kind: str) -> None:
        """We asked Twitch for a notification, and its challenge comes before its answer."""
        await self.house.inst.services["twitch"].database.write(
            lambda tx: tx.run("UPDATE eventsub_subscriptions SET status = 'pending', id = '' WHERE type = ?", kind)
        )

    async def answer(self, who: FakeUser, text: str, **more: Any) -> dict[str, Any]:
        """A chat line, and the message that the bot has Twitch send."""
        before = len(self.twitch.said)
        assert await self.twitch.notify("channel.chat.message", chat_message(self.ann, who, text, **more)) == 204
        await until(lambda: len(self.twitch.said) > before, "an answer")
        return self.twitch.said[-1]

    @asynccontextmanager
    async def overlay(self) -> AsyncIterator[Overlay]:
        """Ann makes an overlay, copies its address from the page and opens it."""
        pages = f"{self.house.here}/overlays"
        await self.house.send(pages, on=pages, name="Main")
        number = re.search(rf'action="{pages}/(\d+)/address"', await self.house.page(pages))
        assert number is not None
        html = await self.house.send(f"{pages}/{number[1]}/address", 200, on=pages)
        secret = re.search(r"/overlay/([\w-]{40,})</code>", html)
        assert secret is not None
        url = f"{self.house.inst.url('browser_source')}/overlay/{secret[1]}"
        async with self.web.get(url) as page:
            assert page.status == 200
        async with self.web.ws_connect(f"{url}/socket") as socket:
            await socket.send_json({"v": 1, "type": "hello", "protocols": [1], "last_seq": 0})
            made = Overlay(socket)
            await made.hears("state")
            yield made


@asynccontextmanager
async def going_on_air(folder: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[OnAir]:
    """Every module listens; Ann is the owner of a community with a playground. Nothing is connected."""
    from identity_core_module_flask import jobs

    printed: list[str] = []
    monkeypatch.setitem(jobs.Jobs.__init__.__kwdefaults__, "say", printed.append)
    port = free_port()
    async with running_twitch() as fake, aiohttp.ClientSession() as web:
        settings = {
            "TWITCH_PORT": str(port),
            "TWITCH_CLIENT_ID": CLIENT_ID,
            "TWITCH_CLIENT_SECRET": CLIENT_SECRET,
            "TWITCH_TRANSPORT": "webhook",
            "TWITCH_PUBLIC_URL": f"http://127.0.0.1:{port}",
            "TWITCH_EVENTSUB_SECRET": SECRET,
            "TWITCH_API_URL": f"{fake.url}/helix",
            "TWITCH_AUTH_URL": f"{fake.url}/oauth2",
        }
        folders = [info.folder.name for info in modules()]
        async with installation(folders, f"sqlite://{folder}/house.db", settings=settings, listening=True) as inst:
            browser = RemoteClient(inst.url("portal"))
            async with browser.http:
                house = House(browser, installation=inst)
                await house.become_owner((await until(lambda: printed))[0].partition("8080")[2])
                await house.settle_in()
                yield OnAir(house, fake, fake.add_user("1337", "teststreamer"), web)
