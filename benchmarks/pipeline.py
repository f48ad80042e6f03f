"""The pipeline alone, its ports faked: chat that is mostly no command, and commands only; beside discord.py's bot."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from typing import Self

from benchmarks.discord_py import Crowd, bot_with_quotes
from benchmarks.lines import line
from benchmarks.report import Report
from benchmarks.rounds import Measure, medians
from flask_core.contracts.community import Context, ContextChannel, ContextCommunity, ContextMember
from flask_core.datamodels import Event, Invocation, Reply
from flask_core.shared_memory import MemoryState
from router_module_flask.customs.known import KnownCustoms
from router_module_flask.introductions.directory import CommandDirectory
from router_module_flask.limits import SharedLimits
from router_module_flask.models import Entry, Finished
from router_module_flask.moderation.verdicts import Moderation
from router_module_flask.pipeline import Pipeline
from router_module_flask.tests.fakes import MEMORIES, FakeCustoms, FakeNames

LINES, PEOPLE, CHANNELS = 20_000, 8_000, 400
ROUNDS = 11
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
    """Lines and commands per second of processor time, ours and discord.py's in turns."""
    speed = await medians({
        "pipeline_commands_per_s": _ours(_command),
        "discord_py_commands_per_s": _theirs(_command),
        "pipeline_chat_per_s": _ours(_chat),
        "discord_py_chat_per_s": _theirs(_chat),
    }, ROUNDS)  # fmt: skip
    for name, value in speed.items():
        report.say(name, value)
    for what in ("commands", "chat"):
        ratio = speed[f"pipeline_{what}_per_s"] / speed[f"discord_py_{what}_per_s"]
        report.say(f"pipeline_{what}_vs_discord_py", ratio)


def _command(number: int) -> str:
    return "!quote 1"


def _chat(number: int) -> str:
    return "!quote 1" if number % _COMMAND_EVERY == 0 else "good evening everybody"


def _ours(text: Callable[[int], str]) -> Measure:
    async def rate() -> float:
        contexts, records = KnownContexts(), Counted()
        limits = SharedLimits(MemoryState(), default_cooldown=3)
        entries = [
            Entry(line(n, text(n), people=PEOPLE, channels=CHANNELS), str(n), 1, time.perf_counter())
            for n in range(LINES)
        ]
        for known in entries:
            contexts.add(known.event)
        pipeline = Pipeline.around(contexts, Moderation(), _directory(), limits, OneAnswer(), records, MemoryState())
        with _Clock() as clock:
            for one in entries:
                permitted = await pipeline.begin(one)
                if permitted is not None:
                    await pipeline.execute(permitted)
        _check(text, records.said, records.count)
        return LINES / clock.seconds

    return rate


def _directory() -> CommandDirectory:
    """What memories declares, in a community that changed nothing, by the clocks that are used in earnest."""
    directory = CommandDirectory(KnownCustoms(FakeCustoms(), MemoryState()), FakeNames())
    directory.take(MEMORIES)
    return directory


def _theirs(text: Callable[[int], str]) -> Measure:
    async def rate() -> float:
        bot, crowd = bot_with_quotes(), Crowd.of([text(n) for n in range(LINES)], people=PEOPLE, channels=CHANNELS)
        with _Clock() as clock:
            for message in crowd.messages:
                await bot.process_commands(message)
        _check(text, crowd.said)
        return LINES / clock.seconds

    return rate


class _Clock:
    """Processor time, because the machine has others to serve; nobody pays for what was left lying about before."""

    seconds = 0.0

    def __enter__(self) -> Self:
        gc.collect()
        self._began = time.process_time()
        return self

    def __exit__(self, *error: object) -> None:
        self.seconds = time.process_time() - self._began


def _check(text: Callable[[int], str], said: int, ended: int = LINES) -> None:
    commands = sum(text(n).startswith("!") for n in range(LINES))
    if (ended, said) != (LINES, commands):
        raise RuntimeError(f"{ended} of {LINES} lines ended, {said} of {commands} commands were answered")
