"""The pipeline alone, its ports faked: chat that is mostly no command, and commands only."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from benchmarks.report import Report
from benchmarks.rounds import medians
from flask_core.datamodels import Reply
from router_module_flask.models import Entry
from router_module_flask.tests.fakes import World, chat_event, entry

LINES = 20_000
_COMMAND_EVERY = 33
_ANSWER = Reply.chat("Pong.")


async def measure(report: Report) -> None:
    """Lines and commands a second."""
    speed = await medians({
        "pipeline_chat_per_s": _rate(lambda n: "!quote 1" if n % _COMMAND_EVERY == 0 else "good evening everybody"),
        "pipeline_commands_per_s": _rate(lambda n: "!quote 1"),
    })  # fmt: skip
    for name, value in speed.items():
        report.say(name, value)


def _rate(text: Callable[[int], str]) -> Callable[[], Any]:
    async def one() -> float:
        world = World()
        world.modules.answer = lambda _: _ANSWER
        # Enough people that nobody's commands are dropped as too many, as in a crowd.
        entries = [
            entry(chat_event(text(n), f"viewer-{n % 2_000}", channel=f"console:2:room{n % 400}", moderator=True))
            for n in range(LINES)
        ]
        return await _run(world, entries)

    return one


async def _run(world: World, entries: list[Entry]) -> float:
    pipeline = world.pipeline
    began = time.perf_counter()
    for one in entries:
        permitted = await pipeline.begin(one)
        if permitted is not None:
            await pipeline.execute(permitted)
    took = time.perf_counter() - began
    if len(world.records.finished) != len(entries):
        raise RuntimeError("a line was lost")
    return len(entries) / took
