"""Events at the router's door, with token, duplicate check and append, against a handler that decodes and drops."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

import aiohttp

from benchmarks.crowd import Act, in_flight
from benchmarks.lines import line, post
from benchmarks.programs import PythonProgram
from benchmarks.report import Report
from benchmarks.rounds import medians
from benchmarks.town import Town, town
from flask_core.testing.servers import running

SINGLE, BATCHES, PER_BATCH, AT_ONCE = 2_000, 100, 100, 50
_PARTS = ("router", "community", "identity")
_numbers = count(1)


def posting(url: str, session: aiohttp.ClientSession, token: Callable[[], str], per_request: int) -> Act:
    """One request with that many new events."""

    async def act(_: int) -> None:
        events = [
            line(next(_numbers), "hello everybody", people=400, channels=40, moderator=False)
            for _ in range(per_request)
        ]
        await post(session, url, token(), events)

    return act


async def measure(report: Report) -> None:
    """Singles and batches."""
    bare = PythonProgram("benchmarks.bare", "dropping")
    async with town(_PARTS, ROUTER_BACKLOG_LIMIT="1000000") as made, aiohttp.ClientSession() as session:
        with running(bare):
            for name, total, per_request in (("single", SINGLE, 1), ("batch", BATCHES, PER_BATCH)):
                speed = await medians({
                    "ours": _rate(made, session, total, per_request),
                    "bare": lambda t=total, n=per_request: in_flight(posting(bare.url, session, str, n), t, AT_ONCE),  # type: ignore[misc]
                })  # fmt: skip
                for who, value in speed.items():
                    report.say(f"ingest_{name}_events_per_s_{who}", value * per_request)
                report.say(f"ingest_{name}", speed["ours"] / speed["bare"])


def _rate(made: Town, session: aiohttp.ClientSession, total: int, per_request: int) -> Callable[[], Any]:
    url = f"{made.programs['router'].url}/api/v1/events"
    act = posting(url, session, lambda: made.token("twitch", "router"), per_request)

    async def one() -> float:
        speed = await in_flight(act, total, AT_ONCE)
        # What was taken is worked off before the next turn, or that would pay for it.
        await made.router_is_idle()
        return speed

    return one
