"""A command from event to action: router, memories and twitch as processes, against three bare Quart hops."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from itertools import count
from typing import Any

import aiohttp
import msgspec
from aiohttp import web

from benchmarks.crowd import Act, at_rate, in_flight
from benchmarks.lines import line, post
from benchmarks.programs import PythonProgram
from benchmarks.report import Report
from benchmarks.rounds import medians, percentile
from benchmarks.town import Town, town
from flask_core.testing.loopback import on_loopback
from flask_core.testing.servers import running

CHANNELS = 120
PEOPLE = 2_400
AT_ONCE = 50
COMMANDS = 1_500
HALF_LOAD_SECONDS = 5.0
_PARTS = ("router", "memories", "twitch", "community", "identity")
_numbers = count(1)


class Lines:
    """Whoever waits for the answer to a line hears of it when it arrives at Twitch."""

    def __init__(self) -> None:
        self._waiting: dict[str, asyncio.Future[None]] = {}

    def expect(self, message_id: str) -> asyncio.Future[None]:
        """Done as soon as the answer to that line is said."""
        self._waiting[message_id] = waiting = asyncio.get_running_loop().create_future()
        return waiting

    def said(self, line: dict[str, Any]) -> None:
        """Something was said at Twitch."""
        waiting = self._waiting.pop(line.get("reply_parent_message_id", ""), None)
        if waiting is not None and not waiting.done():
            waiting.set_result(None)


def ours(made: Town, session: aiohttp.ClientSession, lines: Lines) -> Act:
    """One command through the installation, until it is answered at Twitch."""
    url = f"{made.programs['router'].url}/api/v1/events"
    made.twitch.on_said = lines.said

    async def act(_: int) -> None:
        number = next(_numbers)
        answered = lines.expect(str(number))
        event = line(number, "!quote 1", people=PEOPLE, channels=CHANNELS)
        await post(session, url, made.token("twitch", "router"), [event])
        await answered

    return act


def theirs(url: str, session: aiohttp.ClientSession) -> Act:
    """One event through the bare hops, until the answer."""

    async def act(number: int) -> None:
        body = msgspec.json.encode(line(number, "!quote 1", people=PEOPLE, channels=CHANNELS))
        async with session.post(url, data=body) as answer:
            await answer.read()

    return act


@asynccontextmanager
async def bare_hops(client: str, platform: str) -> AsyncIterator[str]:
    """Three bare processes; the address of the first."""
    module = PythonProgram("benchmarks.bare", "module")
    action = PythonProgram("benchmarks.bare", "action", client, platform)
    door = PythonProgram("benchmarks.bare", "door", client, module.url, action.url)
    with running(module), running(action), running(door):
        yield door.url


@asynccontextmanager
async def platform() -> AsyncIterator[str]:
    """Where bare hops say their lines: a handler that reads and answers."""

    async def say(request: web.Request) -> web.Response:
        await request.json()
        return web.json_response({"data": [{"message_id": "1", "is_sent": True}]})

    app = web.Application()
    app.add_routes([web.post("/", say)])
    async with on_loopback(app) as host:
        yield f"{host}/"


async def measure(report: Report) -> None:
    """Throughput and p99 of all three."""
    settings = {"TWITCH_SEND_BUDGET": "100000000", "ROUTER_BACKLOG_LIMIT": "100000"}
    async with (
        town(_PARTS, **settings) as made,
        platform() as sink,
        bare_hops("aiohttp", sink) as bare_url,
        bare_hops("httpx", sink) as httpx_url,
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session,
    ):
        await made.connect(CHANNELS)
        acts = {
            "ours": ours(made, session, Lines()),
            "bare": theirs(bare_url, session),
            "bare_httpx": theirs(httpx_url, session),
        }
        speed = await medians({name: _throughput(act) for name, act in acts.items()})
        for name, value in speed.items():
            report.say(f"command_path_per_s_{name}", value)
        report.say("command_path_throughput", speed["ours"] / speed["bare"])
        report.say("command_path_vs_plain_httpx", speed["ours"] / speed["bare_httpx"])
        rate = speed["ours"] / 2
        p99 = await medians({name: _p99(acts[name], rate) for name in ("ours", "bare")}, rounds=3)
        report.say("command_path_p99_ms", p99["ours"] * 1_000)
        report.say("command_path_p99_ms_bare", p99["bare"] * 1_000)
        report.say("command_path_p99", p99["ours"] / p99["bare"])


def _throughput(act: Act) -> Callable[[], Any]:
    return lambda: in_flight(act, COMMANDS, AT_ONCE)


def _p99(act: Act, rate: float) -> Callable[[], Any]:
    async def one() -> float:
        return percentile(await at_rate(act, rate, HALF_LOAD_SECONDS), 0.99)

    return one
