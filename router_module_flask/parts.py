"""The router's parts: what they offer and what runs in the background."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass
from typing import Any

from flask_core.app_factory import Service
from flask_core.operations import Endpoints
from router_module_flask.chatting import Chatting
from router_module_flask.claims.wiring import ClaimParts
from router_module_flask.contexts import CachedContexts
from router_module_flask.customs.wiring import CustomsParts
from router_module_flask.delivering.delivery import DeliveryQueue
from router_module_flask.delivering.late_results import LateResults
from router_module_flask.desk.wiring import Desk
from router_module_flask.dispatch import Lines
from router_module_flask.executors.endpoints import executor_endpoints
from router_module_flask.executors.wiring import Executors
from router_module_flask.forms import form_endpoints
from router_module_flask.ingest import Ingest
from router_module_flask.introductions.directory import CommandDirectory
from router_module_flask.introductions.registry import Registry
from router_module_flask.listeners import Listeners
from router_module_flask.measures import Gauges
from router_module_flask.moderation.filters.wiring import Filters
from router_module_flask.moderation.nukes.wiring import NukeParts
from router_module_flask.moderation.rules.wiring import RuleParts
from router_module_flask.names.endpoints import names_endpoints
from router_module_flask.names.naming import Naming
from router_module_flask.personal_data import PersonalData
from router_module_flask.ports import EventLog
from router_module_flask.retention import Retention
from router_module_flask.sessions.endpoints import session_endpoints
from router_module_flask.sessions.sessions import Sessions
from router_module_flask.timers.wiring import TimerParts
from router_module_flask.trace_repository import TraceRepository
from router_module_flask.worker import Worker

type Job = Callable[[], Coroutine[Any, Any, None]]


@dataclass(frozen=True, slots=True)
class Router:
    """The parts that the app starts."""

    service: Service
    log: EventLog
    ingest: Ingest
    directory: CommandDirectory
    endpoints: Endpoints
    chatting: Chatting
    naming: Naming
    sessions: Sessions
    executors: Executors
    registry: Registry
    contexts: CachedContexts
    worker: Worker
    deliveries: DeliveryQueue
    listeners: Listeners
    retention: Retention
    traces: TraceRepository
    desk: Desk
    nukes: NukeParts
    personal: PersonalData
    rules: RuleParts
    filters: Filters
    lines: Lines
    late_results: LateResults
    timers: TimerParts
    claims: ClaimParts
    customs: CustomsParts
    gauges: Gauges

    async def load_and_listen(self) -> None:
        """Know the modules of before, then what other replicas hear."""
        await self.registry.load()
        await self.registry.listen()

    async def close_log(self) -> None:
        """Free the partitions, so that another replica goes on at once."""
        await self.log.close()

    async def follow_communities(self) -> None:
        """Forget contexts as soon as community says that they changed."""
        await self.contexts.listen(self.service.shared)

    def offered(self) -> Iterator[Endpoints]:
        """What other modules and people may ask, subject by subject."""
        yield self.endpoints
        yield names_endpoints(self.naming)
        yield executor_endpoints(self.executors.register, self.executors.grants)
        yield form_endpoints(self.log)
        yield session_endpoints(self.sessions)
        yield self.desk.endpoints
        yield self.nukes.endpoints
        yield self.personal.endpoints()
        yield self.rules.endpoints
        yield self.filters.endpoints
        yield self.late_results.endpoints()
        yield self.timers.endpoints
        yield self.customs.endpoints
        yield self.claims.endpoints

    def jobs(self) -> dict[str, Job]:
        """What runs for ever, by name."""
        return {
            "directory": self.load_and_listen,
            "names": self.naming.listen,
            "third parties": self.executors.register.listen,
            "grants": self.executors.grants.listen,
            "sessions": self.sessions.listen,
            "contexts": self.follow_communities,
            "worker": self.worker.run,
            "long work": self.worker.keep_alive,
            "deliveries": self.deliveries.recover,
            "listeners": self.listeners.run,
            "activity": self.desk.announcer.run,
            "timers": self.timers.job.run,
            "claims": self.claims.claims.run,
            "gauges": self.gauges.run,
            "retention": self.retention.run,
            "rules": self.rules.book.listen,
            "rule counters": self.rules.book.keep,
            "rule authors": self.rules.authors.listen,
            "filters": self.filters.switched_on.listen,
            "offences": self.filters.decay.run,
        }
