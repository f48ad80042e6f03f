"""The pipeline alone, its ports faked: chat that is mostly no command, and commands only."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from benchmarks.lines import line
from benchmarks.report import Report
from benchmarks.rounds import medians
from flask_core.contracts.community import Context, ContextChannel, ContextCommunity, ContextMember
from flask_core.datamodels import Event, Invocation, Reply
from flask_core.shared_memory import MemoryState
from router_module_flask.limits import SharedLimits
from router_module_flask.models import Entry, Finished
from router_module_flask.moderation.verdicts import Moderation
from router_module_flask.pipeline import Pipeline
from router_module_flask.tests.fakes import World

LINES, PEOPLE, CHANNELS = 30_000, 8_000, 400
_COMMAND_EVERY = 33
_COMMUNITY = ContextCommunity(2, "penguins", "Penguins")


class KnownContexts:
    """Everybody was seen before."""

    def __init__(self) -> None:
        self._contexts: dict[tuple[str, str], Context] = {}

    def add(self, event: Event) -> None:
        """Know the speaker of this event."""
        assert event.account is not None, "people speak"
        member = ContextMember(f"member-{event.account.user_id}")
        key = (event.channel, event.account.user_id)
        self._contexts[key] = Context(ContextChannel(event.channel), _COMMUNITY, member)

    def known(self, event: Event) -> Context | None:
        account = event.account
        return self._contexts.get((event.channel, account.user_id if account is not None else ""))

    async def ask(self, event: Event) -> Context:
        raise AssertionError("everybody is known")


class OneAnswer:
    """Every command is answered alike."""

    _reply = Reply.chat("#1: ship it")

    async def run(self, module: str, invocation: Invocation, timeout: float) -> Reply:
        return self._reply


class Counted:
    """Counts what ended."""

    def __init__(self) -> None:
        self.count = 0
        self.said = 0

    async def record(self, finished: Finished) -> None:
        self.count += 1
        self.said += len(finished.outgoing)


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
        contexts, records = KnownContexts(), Counted()
        limits = SharedLimits(MemoryState(), default_cooldown=3)
        entries = [
            Entry(line(n, text(n), people=PEOPLE, channels=CHANNELS), str(n), 1, time.perf_counter())
            for n in range(LINES)
        ]
        for known in entries:
            contexts.add(known.event)
        pipeline = Pipeline.around(
            contexts, Moderation(), World().directory, limits, OneAnswer(), records, MemoryState()
        )
        took = await _run(pipeline, entries)
        commands = sum(text(n).startswith("!") for n in range(LINES))
        if (records.count, records.said) != (LINES, commands):
            raise RuntimeError(f"{records.count} of {LINES} lines ended, {records.said} of {commands} were answered")
        return LINES / took

    return one


async def _run(pipeline: Pipeline, entries: list[Entry]) -> float:
    began = time.perf_counter()
    for one in entries:
        permitted = await pipeline.begin(one)
        if permitted is not None:
            await pipeline.execute(permitted)
    return time.perf_counter() - began
