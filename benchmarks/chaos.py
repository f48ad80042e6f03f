"""`make chaos`: for a minute, under load, one process after the other is killed; what got lost, what was said twice?"""

from __future__ import annotations

import asyncio
import os
import random
import secrets
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from benchmarks.report import Report
from benchmarks.town import Town, town
from flask_core.contracts import browser_source, router
from flask_core.testing.fake_twitch import FakeUser, chat_message
from flask_core.testing.servers import Server

SECONDS, LINES_PER_SECOND, RAID_EVERY, CHANNELS = 60.0, 20, 20, 10
_PARTS = ("router", "twitch", "memories", "browser_source", "community", "identity")
_VICTIMS = ("router", "twitch", "memories", "browser_source", "postgres", "redis")
_BETWEEN = (0.5, 3.0)
_DEAD_FOR = (0.0, 1.5)
_TWITCH_TRIES, _TWITCH_WAIT = 60, 1.0
_HEALING = 120.0
_LISTED = 100


@dataclass
class Crowd:
    """Writes and raids as Twitch would tell it: what is not answered with 2xx is sent again under the same id."""

    made: Town
    lines: dict[str, float] = field(default_factory=dict)
    raiders: list[str] = field(default_factory=list)
    refused: int = 0
    repeated: int = 0

    async def act(self, number: int) -> None:
        """A command, or now and then a raid."""
        channel = self.made.channels[number % len(self.made.channels)]
        who = FakeUser(str(500_000 + number), f"viewer{number}")
        if number % RAID_EVERY == 0:
            self.raiders.append(who.login)
            await self._until_taken("channel.raid", _raid(who, channel))
            return
        event = chat_message(channel, who, "!quote 1")
        if await self._until_taken("channel.chat.message", event):
            self.lines[event["message_id"]] = time.monotonic()

    async def _until_taken(self, kind: str, event: dict[str, Any]) -> bool:
        message_id = secrets.token_hex(16)
        for _ in range(_TWITCH_TRIES):
            try:
                if 200 <= await self.made.twitch.notify(kind, event, message_id) < 300:
                    return True
            except (aiohttp.ClientError, OSError):
                pass
            self.repeated += 1
            await asyncio.sleep(_TWITCH_WAIT)
        self.refused += 1
        return False


def _raid(who: FakeUser, channel: FakeUser) -> dict[str, Any]:
    return {
        "from_broadcaster_user_id": who.id, "from_broadcaster_user_login": who.login,
        "from_broadcaster_user_name": who.login, "to_broadcaster_user_id": channel.id,
        "to_broadcaster_user_login": channel.login, "to_broadcaster_user_name": channel.login, "viewers": 42,
    }  # fmt: skip


async def crowd_goes_on(crowd: Crowd) -> None:
    """Lines at a steady pace, whatever happens meanwhile."""
    began = time.monotonic()
    async with asyncio.TaskGroup() as people:
        for number in range(1, int(SECONDS * LINES_PER_SECOND) + 1):
            if (wait := began + number / LINES_PER_SECOND - time.monotonic()) > 0:
                await asyncio.sleep(wait)
            people.create_task(crowd.act(number))


async def kill_one_after_the_other(made: Town, chance: random.Random, killed: list[tuple[float, str]]) -> None:
    """For ever: everybody's turn comes, in an order of chance."""
    servers: dict[str, Server] = {**made.programs, "postgres": made.postgres, "redis": made.redis}
    while True:
        for name in chance.sample(_VICTIMS, len(_VICTIMS)):
            await asyncio.sleep(chance.uniform(*_BETWEEN))
            servers[name].kill()
            killed.append((time.monotonic(), name))
            await asyncio.sleep(chance.uniform(*_DEAD_FOR))
            # Shielded: who was killed last comes back before we look what is left.
            await asyncio.shield(asyncio.to_thread(servers[name].start))


async def traced(made: Town) -> dict[str, router.TraceView]:
    """Everything that the router recorded, by event."""
    client, found, before = made.client("portal"), {}, ""
    while True:
        asked = router.ListTraces(made.community_id, limit=_LISTED, before=before)
        page = (await client.call("router", router.TRACES, asked, timeout=30)).items
        found.update({trace.event_id: trace for trace in page})
        if len(page) < _LISTED:
            return found
        before = page[-1].event_id


async def measure(report: Report, seed: int) -> None:
    """Run, heal, count."""
    settings = {"TWITCH_SEND_BUDGET": "1000000", "ROUTER_BACKLOG_LIMIT": "100000"}
    async with town(_PARTS, **settings) as made:
        await made.connect(CHANNELS)
        crowd, killed = Crowd(made), list[tuple[float, str]]()
        killing = asyncio.create_task(kill_one_after_the_other(made, random.Random(seed), killed))
        await crowd_goes_on(crowd)
        killing.cancel()
        await asyncio.gather(killing, return_exceptions=True)
        await everybody_answers(made)
        began = time.monotonic()
        await made.router_is_idle()
        healed = time.monotonic() - began
        await count(report, made, crowd, killed)
    for name in _VICTIMS:
        report.say(f"kills_{name}", sum(victim == name for _, victim in killed))
    report.say("kills", len(killed))
    report.say("seconds_until_idle", healed)


async def everybody_answers(made: Town) -> None:
    """Until every process that was killed last is back."""
    servers: list[Server] = [made.postgres, made.redis, *made.programs.values()]
    async with asyncio.timeout(_HEALING):
        for server in servers:
            await asyncio.to_thread(server.start)


async def count(report: Report, made: Town, crowd: Crowd, killed: list[tuple[float, str]]) -> None:
    """What was sent, what is missing, what was said twice."""
    traces = await traced(made)
    answers = Counter(line["reply_parent_message_id"] for line in made.twitch.said if "reply_parent_message_id" in line)
    events = [f"twitch:chat:{message_id}" for message_id in crowd.lines]
    silent = [message_id for message_id in crowd.lines if not answers[message_id]]
    shown = await shown_alerts(made)
    report.say("events_sent", len(events) + len(crowd.raiders))
    report.say("events_sent_again_by_twitch", crowd.repeated)
    report.say("events_never_taken", crowd.refused)
    report.say("events_lost", sum(event not in traces for event in events))
    report.say("alerts_lost", sum(not shown[login] for login in crowd.raiders))
    report.say("replies_said", len(answers))
    report.say("replies_duplicated", sum(times > 1 for times in answers.values()))
    report.say("alerts_duplicated", sum(times > 1 for times in shown.values()))
    report.say("replies_never_said", len(silent))
    lost = [at for message_id, at in crowd.lines.items() if f"twitch:chat:{message_id}" not in traces]
    for name, times in Counter(_next_killed(at, killed) for at in lost).items():
        report.say(f"lost_before_kill_of_{name}", times)
    for outcome, times in Counter(_fate(traces.get(f"twitch:chat:{one}")) for one in silent).items():
        report.say(f"never_said_because_{outcome}", times)


def _fate(trace: router.TraceView | None) -> str:
    """Why a line got no answer: the outcome of its trace, or the state of its delivery."""
    if trace is None:
        return "lost"
    states = [delivery.state for delivery in trace.deliveries]
    return f"delivery_{states[0]}" if states else trace.outcome


def _next_killed(at: float, killed: list[tuple[float, str]]) -> str:
    """Who was killed next after an event had been taken: most likely who had it."""
    return next((name for when, name in killed if when >= at), "nobody")


async def shown_alerts(made: Town) -> Counter[str]:
    """How many alerts each raider got."""
    asked = browser_source.ListItems(made.community_id, lane="alerts")
    items = await made.client("portal").call("browser_source", browser_source.ITEMS, asked, acting=made.owner)
    return Counter(word for item in items.items for word in item.said.split() if word.startswith("viewer"))


async def main() -> None:
    """A seed may be given as SEED, to run the same order of kills again."""
    seed = int(os.environ.get("SEED") or random.randrange(1_000_000))
    report = Report("chaos")
    report.say("seed", seed)
    await measure(report, seed)
    report.write()


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
