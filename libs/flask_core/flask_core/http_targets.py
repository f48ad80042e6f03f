"""What is remembered of each host outside: whether it answers, and how many requests are on their way."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from flask_core.breaker import Breaker
from flask_core.errors import UpstreamFailed

_KNOWN_HOSTS = 1000
_PROBE_UNREACHED_AFTER, _PROBE_SILENT_AFTER = 5.0, 15.0


@dataclass(frozen=True, slots=True)
class Target:
    """A host with its breaker and its places for requests on their way."""

    name: str
    places: asyncio.Semaphore
    breaker: Breaker

    def let_through(self, name: str) -> None:
        """Raise UpstreamFailed while it is not worth asking."""
        if not self.breaker.allows():
            wait = max(1.0, self.breaker.wait)
            raise UpstreamFailed(f"{name} is not answering right now.", retry_after=wait, reason="no answer")

    def count(self, *, reached: bool) -> None:
        """Tell the breaker how a request ended that was answered."""
        if reached:
            self.breaker.succeeded()
        else:
            self.breaker.failed()

    def silent(self, *, sent: bool) -> None:
        """Nobody answered; one that never left is worth another try soonest. It may be our network that is away."""
        self.breaker.failed(probe_after=_PROBE_SILENT_AFTER if sent else _PROBE_UNREACHED_AFTER)


class Targets:
    """Targets by host name; the least recently asked are forgotten beyond a thousand."""

    def __init__(self, in_flight: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._in_flight = in_flight
        self._clock = clock
        self._known: OrderedDict[str, Target] = OrderedDict()

    def at(self, name: str) -> Target:
        """The target of that name, made when it is asked for the first time."""
        target = self._known.get(name)
        if target is None:
            breaker = Breaker(failures=5, within=30, probe_after=60, clock=self._clock)
            target = self._known[name] = Target(name, asyncio.Semaphore(self._in_flight), breaker)
        self._known.move_to_end(name)
        if len(self._known) > _KNOWN_HOSTS:
            self._known.popitem(last=False)
        return target

    def states(self) -> dict[str, str]:
        """`closed`, `open` or `probing` by host name."""
        return {target.name: target.breaker.state for target in self._known.values()}
