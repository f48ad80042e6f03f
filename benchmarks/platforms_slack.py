"""`make bench-platforms`, Slack's part: a busy workspace over HTTPS and sockets, and what Slack has to repeat."""

from __future__ import annotations

import asyncio
import itertools
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp

from benchmarks.report import Report
from benchmarks.town import Town, known_modules, town
from flask_core.contracts import router, slack
from flask_core.testing.fake_slack import APP_TOKEN, SIGNING_SECRET, FakeSlack, FakeWorkspace, running_slack
from flask_core.testing.fake_slack_deliveries import Told
from slack_module_flask.scopes import BOT_SCOPES
from slack_module_flask.webhook import PATH

PER_HOUR = int(os.environ.get("SLACK_EVENTS_PER_HOUR", "30000"))
BURST_SECONDS = float(os.environ.get("SLACK_BURST_SECONDS", "600"))
SPIKE = int(os.environ.get("SLACK_SPIKE", "500"))
_PATIENCE, _CHANNELS, _PEOPLE = 60.0, 10, 100


async def measure(report: Report) -> None:
    """The most that Slack delivers in an hour, for a while, and a spike, over each transport."""
    repeated, waits, lost = 0, list[float](), 0
    for transport in ("http", "socket"):
        async with busy(transport) as (place, fake, team):
            told = await steady(fake, team)
            told += await spike(fake, team)
            await place.router_is_idle()
            status = await place.client("portal").call("slack", slack.STATUS, slack.OfCommunity(), timeout=_PATIENCE)
            repeated += fake.deliveries.retries + fake.sockets.redelivered
            lost += sum(not one.taken for one in told) + status.spooled
            waits += [one.seconds for one in told]
    waits.sort()
    report.say("slack_retries_provoked", repeated)
    report.say("slack_events_lost", lost)
    report.say("slack_answer_p99_ms", waits[int(len(waits) * 0.99)] * 1_000)
    report.say("slack_answer_max_ms", waits[-1] * 1_000)


@asynccontextmanager
async def busy(transport: str) -> AsyncIterator[tuple[Town, FakeSlack, FakeWorkspace]]:
    """A workspace with ten channels and a hundred people, and the module that reads it."""
    async with running_slack() as fake, aiohttp.ClientSession() as session:
        team = fake.add_workspace("T1", "Penguins", set(BOT_SCOPES))
        for number in range(_PEOPLE):
            team.add_member(f"U{number}", f"person{number}")
        for number in range(_CHANNELS):
            team.add_channel(f"C{number}", f"channel{number}")
        settings = {
            "SLACK_BOT_TOKEN": team.bot_token,
            "SLACK_SIGNING_SECRET": SIGNING_SECRET,
            "SLACK_APP_TOKEN": APP_TOKEN if transport == "socket" else "",
            "SLACK_PUBLIC_URL": "https://slack.example",
            "SLACK_API_URL": fake.api_url,
        }
        async with town(["router", "community", "slack"], **settings) as place:
            await known_modules(place.client("portal"), "slack")
            fake.deliveries.address = f"{place.programs['slack'].url}{PATH}"
            fake.deliveries.session = session
            await _attach(place, fake)
            await _ready(fake, transport)
            yield place, fake, team


async def _attach(place: Town, fake: FakeSlack) -> None:
    portal = place.client("portal")
    async with asyncio.timeout(_PATIENCE):
        while "users.list" not in fake.calls:  # noqa: ASYNC110 - Slack tells nobody
            await asyncio.sleep(0.1)
    await portal.call("slack", slack.USE, slack.UseWorkspace("T1", place.community_id), acting=place.owner)
    for number in range(_CHANNELS):
        asked = slack.ChannelOf("T1", f"C{number}", place.community_id)
        await portal.call("slack", slack.ATTACH, asked, acting=place.owner, timeout=_PATIENCE)
    await portal.call("router", router.STATE, router.Nothing())


async def _ready(fake: FakeSlack, transport: str) -> None:
    async with asyncio.timeout(_PATIENCE):
        while transport == "socket" and len(fake.sockets.open) < 2:  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.1)


async def steady(fake: FakeSlack, team: FakeWorkspace) -> list[Told]:
    """Lines at Slack's hourly most, evenly."""
    under_way: list[asyncio.Task[Told]] = []
    began = time.perf_counter()
    for number in itertools.count():
        due = number * 3_600 / PER_HOUR
        if due >= BURST_SECONDS:
            break
        await asyncio.sleep(max(0.0, began + due - time.perf_counter()))
        under_way.append(asyncio.create_task(_line(fake, team, number)))
    return list(await asyncio.gather(*under_way))


async def spike(fake: FakeSlack, team: FakeWorkspace) -> list[Told]:
    """Lines of one second, as fast as they come."""
    return list(await asyncio.gather(*(_later(fake, team, number, number / SPIKE) for number in range(SPIKE))))


async def _later(fake: FakeSlack, team: FakeWorkspace, number: int, seconds: float) -> Told:
    await asyncio.sleep(seconds)
    return await _line(fake, team, number)


async def _line(fake: FakeSlack, team: FakeWorkspace, number: int) -> Told:
    channel, user = f"C{number % _CHANNELS}", f"U{number % _PEOPLE}"
    return await fake.deliveries.event(team, fake.deliveries.message(channel, user, f"line {number}"))


async def main() -> None:
    """Measure, and write it down."""
    report = Report("bench-platforms-slack")
    await measure(report)
    report.write()


if __name__ == "__main__":
    asyncio.run(main())
