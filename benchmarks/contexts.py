"""The first question about every event: a thousand a second to community, in batches, from people who talk."""

from __future__ import annotations

import asyncio

from benchmarks.crowd import Act, at_rate, in_flight
from benchmarks.lines import channel_of
from benchmarks.report import Report
from benchmarks.rounds import percentile
from benchmarks.town import Town, town
from flask_core.contracts import community
from flask_core.datamodels import Account

CHANNELS, PEOPLE = 40, 400
ITEMS_PER_SECOND, PER_BATCH, SECONDS = 1_000, 20, 20.0


def questions(batch: int) -> community.ContextRequest:
    """Every batch asks about the next people; each is always in the same channel."""
    numbers = [(batch * PER_BATCH + place) % PEOPLE for place in range(PER_BATCH)]
    return community.ContextRequest(
        tuple(community.ContextItem(channel_of(n % CHANNELS), Account(f"viewer-{n}", f"viewer-{n}")) for n in numbers)
    )


def asking(made: Town) -> Act:
    """One batch as the router asks it, over HTTP."""
    client = made.client("router")

    async def act(batch: int) -> None:
        answer = await client.call("community", community.CONTEXT, questions(batch))
        if any(one.community.id != made.community_id or one.member is None for one in answer.items):
            raise RuntimeError("somebody was taken for somebody else")

    return act


async def measure(report: Report) -> None:
    """How long a batch takes while they come steadily, and how many a second at most."""
    async with town(("community", "identity")) as made:
        portal = made.client("portal")
        attach = [community.AttachChannel(made.community_id, channel_of(number)) for number in range(CHANNELS)]
        await asyncio.gather(*(portal.call("community", community.ATTACH, asked) for asked in attach))
        act = asking(made)
        await in_flight(act, PEOPLE // PER_BATCH, 4)
        taken = await at_rate(act, ITEMS_PER_SECOND / PER_BATCH, SECONDS)
        report.say("contexts_items_per_s", float(ITEMS_PER_SECOND))
        report.say("contexts_p50_ms", percentile(taken, 0.5) * 1_000)
        report.say("contexts_p99_ms", percentile(taken, 0.99) * 1_000)
        report.say("contexts_most_items_per_s", await in_flight(act, 1_000, 8) * PER_BATCH)
