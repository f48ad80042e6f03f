"""A command in one process, durable on SQLite, against bare in-process ASGI calls of a module and a trigger."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import count
from typing import Any

import msgspec
from quart import Quart

from benchmarks.bare import module as bare_module
from benchmarks.bare import taking
from benchmarks.crowd import Act, in_flight
from benchmarks.lines import channel_of, line
from benchmarks.report import Report
from benchmarks.rounds import medians
from benchmarks.town import known_modules
from flask_core.contracts import community, router
from flask_core.contracts.memories import ADD, AddEntry
from flask_core.contracts.module import DELIVER, Deliveries, DeliveryResult, DeliveryResults, DeliveryStatus
from flask_core.datamodels import Event, Role
from flask_core.operations import Acting
from flask_core.testing.installation import FakeModule, Installation, installation

# So many rooms that nobody is dropped for flooding; everybody speaks once a round and is known after the first.
COMMANDS, AT_ONCE, CHANNELS, PEOPLE = 1_800, 50, 600, 1_800
_FOLDERS = ("router_module_flask", "community_module_flask", "memories_interaction_module_flask")
_numbers = count(1)


def next_line() -> Event:
    """One of many people asks for the quote."""
    return line(next(_numbers), "!quote 1", people=PEOPLE, channels=CHANNELS)


class Trigger:
    """Takes what the bot says; whoever waits for it hears of it."""

    def __init__(self, module: FakeModule) -> None:
        self.module = module
        self._waiting: dict[str, asyncio.Future[None]] = {}

        @module.offers(DELIVER)
        async def deliver(asked: Deliveries, _: Any) -> DeliveryResults:
            for delivery in asked.items:
                if (waiting := self._waiting.pop(delivery.reply_to, None)) and not waiting.done():
                    waiting.set_result(None)
            return DeliveryResults(tuple(DeliveryResult(one.id, DeliveryStatus.DONE) for one in asked.items))

    async def command(self, _: int) -> None:
        """A line in, the answer out."""
        event = next_line()
        self._waiting[event.data["message_id"]] = answered = asyncio.get_running_loop().create_future()
        await self.module.client.call("router", router.INGEST, router.batch_of([event]), timeout=30)
        await answered


async def settle(inst: Installation) -> None:
    """A community with a quote and all channels."""
    portal = inst.fake("portal").client
    ann = Acting("person-ann", datetime.now(UTC), operator=True, role=Role.OWNER, name="Ann")
    made = await portal.call("community", community.CREATE, community.CreateCommunity("Town"), acting=ann)
    await known_modules(portal, "memories")
    await portal.call("memories", ADD, AddEntry(made.id, "quote", "Ship it!", "Ann"), acting=ann)
    for number in range(CHANNELS):
        attach = community.AttachChannel(made.id, channel_of(number), f"streamer{number}")
        await inst.runtime.modules["twitch"].client.call("community", community.ATTACH, attach)  # type: ignore[attr-defined]


async def asgi_post(app: Quart, body: bytes) -> bytes:
    """A request to an app in this process, without a server between."""
    got = bytearray()
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST", "scheme": "http",
        "path": "/", "raw_path": b"/", "query_string": b"", "root_path": "", "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80), "headers": [(b"host", b"bare"), (b"content-length", str(len(body)).encode())],
    }  # fmt: skip
    unsent = [{"type": "http.request", "body": body, "more_body": False}]

    answered = asyncio.Event()

    async def receive() -> dict[str, Any]:
        if unsent:
            return unsent.pop()
        await answered.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        got.extend(message.get("body", b""))
        if message["type"] == "http.response.body" and not message.get("more_body", False):
            answered.set()

    await app(scope, receive, send)  # type: ignore[arg-type]
    return bytes(got)


async def measure(report: Report) -> None:
    """Throughput of both."""
    module, trigger = bare_module(), taking()

    async def bare(_: int) -> None:
        await asgi_post(trigger, await asgi_post(module, msgspec.json.encode(next_line())))

    with tempfile.TemporaryDirectory() as folder:
        played: list[Trigger] = []
        url = f"sqlite://{folder}/town.db"
        settings = {"ROUTER_BACKLOG_LIMIT": "100000", "COMMUNITY_MAX_OWNED": "5"}
        async with installation(
            _FOLDERS, url, settings=settings, prepare=lambda inst: played.append(Trigger(inst.fake("twitch")))
        ) as inst:
            await settle(inst)
            speed = await medians({"ours": _rate(played[0].command), "bare": _rate(bare)})
    for who, value in speed.items():
        report.say(f"embedded_commands_per_s_{who}", value)
    report.say("embedded_command_path", speed["ours"] / speed["bare"])


def _rate(act: Act) -> Callable[[], Any]:
    return lambda: in_flight(act, COMMANDS, AT_ONCE)
