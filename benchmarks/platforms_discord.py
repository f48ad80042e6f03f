"""`make bench-platforms`: two thousand Discord servers on one replica: how soon it knows all of them."""

from __future__ import annotations

import asyncio
import os
import time

from benchmarks.report import Report
from benchmarks.town import Town, town
from flask_core.contracts import discord
from flask_core.testing.fake_discord import APPLICATION_ID, TOKEN, FakeDiscord, running_discord

GUILDS = int(os.environ.get("GUILDS", "2000"))
_ROLES, _CHANNELS = 20, 30
_PATIENCE = 300.0


async def measure(report: Report) -> None:
    """From the start of the process, with nothing known, until every server is known and kept."""
    async with running_discord() as fake:
        for number in range(GUILDS):
            _furnish(fake, number)
        settings = {
            "DISCORD_BOT_TOKEN": TOKEN, "DISCORD_APPLICATION_ID": APPLICATION_ID, "DISCORD_API_URL": fake.url,
        }  # fmt: skip
        async with town(["router", "community", "discord"], **settings) as place:
            program = place.programs["discord"]
            program.end()
            await _forget(place)
            fake.forget_sessions()
            began = time.perf_counter()
            await asyncio.to_thread(program.start)
            await _knows_all(place)
            report.say("discord_2000_guilds_start_s", time.perf_counter() - began)
            report.say("discord_2000_guilds_rss_mb", program.resident_kb() / 1024)
            program.end()
            began = time.perf_counter()
            await asyncio.to_thread(program.start)
            await _knows_all(place)
            report.say("discord_2000_guilds_restart_s", time.perf_counter() - began)


def _furnish(fake: FakeDiscord, number: int) -> None:
    """A server of a usual size."""
    guild = fake.add_guild(f"Server {number}", f"owner{number}")
    for role in range(_ROLES):
        guild.add_role(f"Role {role}")
    for channel in range(_CHANNELS):
        guild.add_channel(f"channel-{channel}")


async def _forget(place: Town) -> None:
    """As if it had never run."""
    from flask_core.database import AsyncDAL  # noqa: PLC0415 - only here is the database opened beside its owner

    database = AsyncDAL(place.programs["discord"].environment["DATABASE_URL"], schema="discord")
    async with database.connected():
        for table in ("guilds", "shards", "command_sync"):
            await database.write(lambda tx, table=table: tx.run(f"DELETE FROM {table}"))  # type: ignore[misc] # noqa: S608


async def _knows_all(place: Town) -> None:
    client = place.client("portal")
    async with asyncio.timeout(_PATIENCE):
        while True:
            state = await client.call("discord", discord.STATUS, discord.OfCommunity(), timeout=_PATIENCE)
            if state.connected and state.guild_count == GUILDS:
                return
            await asyncio.sleep(0.25)


async def main() -> None:
    """Measure, and write it down."""
    report = Report("bench-platforms-discord")
    await measure(report)
    report.write()


if __name__ == "__main__":
    asyncio.run(main())
