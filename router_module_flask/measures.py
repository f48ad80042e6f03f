"""The router in numbers for Prometheus: what came, what became of it, how long it took. Nobody is named in them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence

from prometheus_client import Gauge
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from flask_core.breaker import Breaker
from flask_core.contracts.router import IngestResult
from flask_core.errors import Unavailable
from flask_core.metrics import Metrics
from router_module_flask.models import Finished, Run
from router_module_flask.moderation.filters.kinds import KINDS
from router_module_flask.ports import EventLog

log = logging.getLogger(__name__)

_LOOK_SECONDS = 15.0
_STEPS = frozenset({
    "resolved", "moderation", "understood", "in time", "enabled", "allowed", "admitted", "cooldown", "module",
    "dispatched", "line", "heard",
})  # fmt: skip
# Traces name rules, filters and modules; numbers tell of modules only how long they took.
_RULE = "rule #"
_REFUSED = frozenset({"refused", "cooldown", "flooded", "banned", "late", "usage"})


class Measures:
    """Takes what is recorded anyway, batch by batch: the way of an event pays for no number."""

    def __init__(self, metrics: Metrics) -> None:
        name = "waddlebot_router"
        self._taken = metrics.counted(f"{name}_taken_total", "Events at the door by result.", "platform", "result")
        self._events = metrics.counted(f"{name}_events_total", "Events by what became of them.", "platform", "result")
        self._steps = metrics.timed(f"{name}_step_seconds", "Time per step of an event's way.", "step")
        self._modules = metrics.timed(f"{name}_module_seconds", "Time per run of a module.", "module")
        self._refusals = metrics.counted(f"{name}_refusals_total", "Commands that did not run, by reason.", "reason")
        self._matches = metrics.counted(f"{name}_matches_total", "Lines that a rule or filter hit.", "by", "dry_run")
        self._deliveries = metrics.counted(f"{name}_deliveries_total", "Deliveries by their end.", "state")

    def took(self, platform: str, results: Iterable[IngestResult]) -> None:
        """Events at the door: accepted, duplicate or invalid."""
        for result in results:
            self._taken.add(platform, result.outcome.value)

    def recorded(self, batch: Sequence[Finished]) -> None:
        """Events that have their record."""
        for finished in batch:
            trace = finished.trace
            self._events.add(finished.entry.event.platform, trace.outcome)
            before, last = 0.0, ""
            for step, ok, said, at in trace.steps:
                last = _shown(step)
                self._steps.took(at - before, last)
                before = at
                if last == "rules" and said.startswith(("matched", "dry run")):
                    self._matches.add("rule", "yes" if ok else "no")
                elif last == "filters" and not ok:
                    self._matches.add(step, "no")
            if trace.outcome in _REFUSED:
                self._refusals.add(last if trace.outcome == "refused" else trace.outcome)
            self.ran(finished.runs)

    def ran(self, runs: Iterable[Run]) -> None:
        """Modules that ran."""
        for run in runs:
            self._modules.took(run.ms / 1000, run.module)

    def delivered(self, state: str) -> None:
        """A delivery that has its end."""
        self._deliveries.add(state)


def _shown(step: str) -> str:
    """A step as one of few."""
    if step in _STEPS:
        return step
    if step.startswith(_RULE):
        return "rules"
    return "filters" if step in KINDS else "hearing"


class Gauges:
    """What is looked at every fifteen seconds, and breakers at every question."""

    def __init__(self, metrics: Metrics, log_: EventLog, *breakers: Mapping[str, Breaker]) -> None:
        self._log = log_
        registry = metrics.registry
        self._waiting = Gauge("waddlebot_router_backlog_events", "Events that wait.", registry=registry)
        self._oldest = Gauge("waddlebot_router_backlog_seconds", "Age of the oldest of them.", registry=registry)
        self._dead = Gauge("waddlebot_router_dead_letters", "Events that were given up.", registry=registry)
        registry.register(_Breakers(breakers))

    async def run(self) -> None:
        """For ever: look."""
        while True:
            try:
                await self.look()
            except Unavailable as error:
                log.warning("the backlog cannot be measured: %s", error.message)
            await asyncio.sleep(_LOOK_SECONDS)

    async def look(self) -> None:
        """How much waits now; raises Unavailable while the log is away."""
        waiting, oldest = await self._log.depth()
        dead = await self._log.dead()
        self._waiting.set(waiting)
        self._oldest.set(oldest)
        self._dead.set(dead)


class _Breakers(Collector):
    def __init__(self, known: Sequence[Mapping[str, Breaker]]) -> None:
        self._known = known

    def collect(self) -> Iterator[Metric]:
        told = GaugeMetricFamily(
            "waddlebot_router_breaker_open", "1 while a module that failed is left alone.", labels=["module"]
        )
        every = {module: breaker for breakers in self._known for module, breaker in breakers.items()}
        for module, breaker in sorted(every.items()):
            told.add_metric([module], float(breaker.state != "closed"))
        yield told
