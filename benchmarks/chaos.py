"""`make chaos`: for a minute, under load, one process after the other is killed; what got lost, what was said twice?"""

from __future__ import annotations

import asyncio
import os
import random
import secrets
import sys
import time
from dataclasses import dataclass, field
from typing import Any

from benchmarks.chaos_counting import Killed, count
from benchmarks.report import Report
from benchmarks.town import Town, town
from flask_core.contracts import twitch
from flask_core.errors import ServiceError
from flask_core.testing.fake_twitch import FakeUser, chat_message
from flask_core.testing.fake_twitch_sockets import Session
from flask_core.testing.servers import Server

SECONDS, LINES_PER_SECOND, RAID_EVERY, CHANNELS = 60.0, 20, 20, 10
_PARTS = ("router", "twitch", "memories", "browser_source", "community", "identity")
_READERS = ("twitch", "twitch-2")
_VICTIMS = ("router", *_READERS, "memories", "browser_source", "postgres", "redis")
_BETWEEN = (0.5, 3.0)
_DEAD_FOR = (0.0, 1.5)
_HEALING, _LOOKS_EVERY = 120.0, 0.2
_READERS_TRY_AGAIN = 3.0
"""By then whatever a reader could not keep anywhere was tried again."""


@dataclass
class Crowd:
    """Writes and raids; Twitch tells it over the shards of a conduit, and nothing a second time.

    `lines` and `raids` are message ids of Twitch with the message id of the line, or the login of who raided; `told`
    is to which connection Twitch wrote each, and when.
    """

    made: Town
    lines: dict[str, str] = field(default_factory=dict)
    raids: dict[str, str] = field(default_factory=dict)
    told: dict[str, tuple[Session, float]] = field(default_factory=dict)

    async def act(self, number: int) -> None:
        """A command, or now and then a raid."""
        channel = self.made.channels[number % len(self.made.channels)]
        who, told_as = FakeUser(str(500_000 + number), f"viewer{number}"), secrets.token_hex(16)
        if number % RAID_EVERY == 0:
            self.raids[told_as] = who.login
            await self.made.twitch.notify("channel.raid", _raid(who, channel), told_as)
            return
        event = chat_message(channel, who, "!quote 1")
        self.lines[told_as] = event["message_id"]
        await self.made.twitch.notify("channel.chat.message", event, told_as)

    def heard(self, session: Session, told_as: str) -> None:
        """Twitch wrote something to a connection."""
        if told_as:
            self.told[told_as] = (session, asyncio.get_running_loop().time())


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


async def kill_one_after_the_other(made: Town, chance: random.Random, killed: list[Killed]) -> None:
    """For ever: everybody's turn comes, in an order of chance. Of who reads the shards, one lives at any time."""
    servers: dict[str, Server] = {**made.programs, "postgres": made.postgres, "redis": made.redis}
    while True:
        for name in chance.sample(_VICTIMS, len(_VICTIMS)):
            await asyncio.sleep(chance.uniform(*_BETWEEN))
            if name in _READERS:
                await shards_are_shared(made)
            servers[name].kill()
            killed.append(Killed(name, asyncio.get_running_loop().time()))
            await asyncio.sleep(chance.uniform(*_DEAD_FOR))
            # Shielded: who was killed last comes back before we look what is left.
            await asyncio.shield(asyncio.to_thread(servers[name].start))


async def shards_are_shared(made: Town) -> None:
    """Until each reader reads a shard: whoever is killed then leaves the other one reading."""
    client, (conduit,) = made.client("portal"), made.twitch.conduits.values()
    async with asyncio.timeout(_HEALING):
        while True:
            try:
                tile = await client.call("twitch", twitch.STATUS, twitch.OfCommunity(), timeout=_HEALING)
                owners = {shard.owner for shard in tile.shards}
            except ServiceError:
                owners = set[str]()
            read = [session for session in conduit.shards.values() if made.twitch.sockets.now(session)]
            if len(owners) == len(read) == len(_READERS):
                return
            await asyncio.sleep(_LOOKS_EVERY)


async def nothing_waits(made: Town) -> None:
    """Until no reader holds anything back and the router is idle."""
    client = made.client("portal")
    await asyncio.sleep(_READERS_TRY_AGAIN)
    async with asyncio.timeout(_HEALING):
        while True:
            tile = await client.call("twitch", twitch.STATUS, twitch.OfCommunity(), timeout=_HEALING)
            if not tile.spooled:
                break
            await asyncio.sleep(_LOOKS_EVERY)
    await made.router_is_idle()


async def measure(report: Report, seed: int) -> None:
    """Run, heal, count."""
    settings = {
        "TWITCH_SEND_BUDGET": "1000000", "TWITCH_TRANSPORT": "conduit", "ROUTER_BACKLOG_LIMIT": "100000",
    }  # fmt: skip
    async with town(_PARTS, {"twitch": len(_READERS)}, **settings) as made:
        await made.connect(CHANNELS)
        await shards_are_shared(made)
        crowd, killed = Crowd(made), list[Killed]()
        made.twitch.sockets.on_told, made.twitch.echoes = crowd.heard, True
        killing = asyncio.create_task(kill_one_after_the_other(made, random.Random(seed), killed))
        await crowd_goes_on(crowd)
        killing.cancel()
        await asyncio.gather(killing, return_exceptions=True)
        await everybody_answers(made)
        began = time.monotonic()
        await nothing_waits(made)
        healed = time.monotonic() - began
        await count(report, made, crowd.lines, crowd.raids, crowd.told, killed)
    for name in _VICTIMS:
        report.say(f"kills_{name}", sum(one.name == name for one in killed))
    report.say("kills", len(killed))
    report.say("seconds_until_idle", healed)


async def everybody_answers(made: Town) -> None:
    """Until every process that was killed last is back."""
    servers: list[Server] = [made.postgres, made.redis, *made.programs.values()]
    async with asyncio.timeout(_HEALING):
        for server in servers:
            await asyncio.to_thread(server.start)


async def main() -> None:
    """A seed may be given as SEED, to run the same order of kills again."""
    seed = int(os.environ.get("SEED") or random.randrange(1_000_000))
    report = Report("chaos")
    report.say("seed", seed)
    await measure(report, seed)
    report.write()


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
