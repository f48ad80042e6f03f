"""What watching a line of chat came to, and everybody who watches asked in turn."""

from __future__ import annotations

from typing import Protocol

import msgspec

from flask_core.datamodels import Event
from flask_core.errors import ServiceError
from router_module_flask.models import Line, Outgoing, Speaker, Trace


class Verdict(msgspec.Struct, frozen=True):
    """`outgoing` is done at once, `lines` run when the event executes.

    A `blocked` event reaches no command of its own and no module, and scores nothing; `lines` run all the same.
    """

    outgoing: tuple[Outgoing, ...] = ()
    lines: tuple[Line, ...] = ()
    blocked: bool = False


INNOCENT = Verdict()


class Watch(Protocol):
    """One way of watching: filters, or rules."""

    def idle(self, community_id: int) -> bool:
        """Whether it is known that nothing is watched in this community. Touches memory only."""

    async def judge(self, event: Event, speaker: Speaker, trace: Trace) -> Verdict:
        """What follows from the text of `event`; every hit is a step of the trace."""


class Moderation:
    """Asks every watch in turn, until one of them blocks."""

    def __init__(self, *watches: Watch) -> None:
        self._watches = watches

    def idle(self, community_id: int) -> bool:
        """Whether nobody watches this community."""
        for watch in self._watches:  # noqa: SIM110 - a generator costs more than what it asks, for every line
            if not watch.idle(community_id):
                return False
        return True

    async def judge(self, event: Event, speaker: Speaker, trace: Trace) -> Verdict:
        """What all of them say together. A watch that fails is a step of the trace, and the line passes it."""
        outgoing: list[Outgoing] = []
        lines: list[Line] = []
        for watch in self._watches:
            if watch.idle(speaker.community_id):
                continue
            try:
                verdict = await watch.judge(event, speaker, trace)
            except ServiceError as error:
                trace.step("moderation", False, f"skipped: {error.message}")
                continue
            outgoing += verdict.outgoing
            lines += verdict.lines
            if verdict.blocked:
                return Verdict(tuple(outgoing), tuple(lines), blocked=True)
        return Verdict(tuple(outgoing), tuple(lines)) if outgoing or lines else INNOCENT
