"""The command path while fifty people wait for a slow model, against the same without them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count

import aiohttp

from benchmarks.command_path import AT_ONCE, CHANNELS, Lines, ours
from benchmarks.crowd import Act, in_flight
from benchmarks.lines import channel_of, post
from benchmarks.report import Report
from benchmarks.rounds import medians
from benchmarks.town import Town, known_modules, town
from flask_core.datamodels import Account, Event, MessageType
from flask_core.testing.fake_openai import FakeOpenAI
from flask_core.testing.fake_twitch import FakeUser

# Two of a community are answered at once.
COMMUNITIES, EACH = 25, 2
COMMANDS = 1_500
_PARTS = ("router", "memories", "twitch", "community", "identity", "ai")
_PATIENCE = 60.0
_numbers = count(1)


@dataclass
class Curious:
    """Somebody in each of these channels asks, and gets no answer until the model is let go."""

    made: Town
    model: FakeOpenAI
    channels: Sequence[FakeUser]
    session: aiohttp.ClientSession
    lines: Lines

    async def while_they_wait(self, act: Act) -> float:
        """Commands a second while all questions are with the model."""
        self.model.holds = asyncio.Event()
        asked = len(self.model.asked)
        waiting = [await self._ask(channel) for channel in self.channels]
        async with asyncio.timeout(_PATIENCE):
            while len(self.model.asked) < asked + len(self.channels):  # noqa: ASYNC110 - a model tells nobody
                await asyncio.sleep(0.02)
        speed = await in_flight(act, COMMANDS, AT_ONCE)
        if any(answer.done() for answer in waiting):
            raise RuntimeError("a question was answered before the model said anything")
        self.model.holds.set()
        async with asyncio.timeout(_PATIENCE):
            await asyncio.gather(*waiting)
        return speed

    async def _ask(self, channel: FakeUser) -> asyncio.Future[None]:
        number = f"ai-{next(_numbers)}"
        answered = self.lines.expect(number)
        account = Account("curious", "curious", "Curious", moderator=True)
        event = Event(
            f"twitch:chat:{number}", MessageType.CHAT, channel_of(int(channel.id)), datetime.now(UTC), account,
            "!ai what do penguins do?", data={"message_id": number},
        )  # fmt: skip
        url = f"{self.made.programs['router'].url}/api/v1/events"
        await post(self.session, url, self.made.token("twitch", "router"), [event])
        return answered


async def measure(report: Report) -> None:
    """The share of its throughput that is left."""
    model = FakeOpenAI()
    async with model.running() as model_url:
        settings = {
            "TWITCH_SEND_BUDGET": "100000000", "ROUTER_BACKLOG_LIMIT": "100000", "AI_PROVIDER": "openai",
            "AI_OPENAI_BASE_URL": f"{model_url}/v1", "AI_OPENAI_API_KEY": model.key, "AI_OPENAI_MODEL": model.models[0],
            "AI_MAX_CONCURRENT": str(COMMUNITIES * EACH),
        }  # fmt: skip
        connector = aiohttp.TCPConnector(limit=0)
        async with town(_PARTS, **settings) as made, aiohttp.ClientSession(connector=connector) as session:
            await made.connect(CHANNELS)
            villages = await made.connect_communities(COMMUNITIES, EACH)
            await known_modules(made.client("portal"), "ai")
            lines = Lines()
            act = ours(made, session, lines)
            curious = Curious(made, model, villages, session, lines)
            speed = await medians(
                {
                    "without_ai": lambda: in_flight(act, COMMANDS, AT_ONCE),
                    "with_slow_ai": lambda: curious.while_they_wait(act),
                }
            )
    for name, value in speed.items():
        report.say(f"command_path_per_s_{name}", value)
    report.say("command_path_with_slow_ai", speed["with_slow_ai"] / speed["without_ai"])
