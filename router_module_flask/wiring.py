"""Puts the router's parts together: log, pipeline, records, deliveries."""

from __future__ import annotations

from dataclasses import dataclass

from flask_core.app_factory import Service
from flask_core.commands import CommandGroup
from flask_core.community_settings import CommunitySettings
from flask_core.operations import Endpoints
from flask_core.url_guard import UrlGuard
from router_module_flask.answers import Answers
from router_module_flask.carriers import ServiceCarriers
from router_module_flask.chatting import Chatting
from router_module_flask.community_choices import ChoiceKeeper, CommunityChoices
from router_module_flask.config import Config
from router_module_flask.contexts import CachedContexts
from router_module_flask.delivery import DeliveryQueue
from router_module_flask.desk.wiring import Desk, wire_desk
from router_module_flask.directory import CommandDirectory
from router_module_flask.endpoints import endpoints
from router_module_flask.event_log_redis import RedisEventLog
from router_module_flask.event_log_sql import SqlEventLog
from router_module_flask.ingest import Ingest
from router_module_flask.limits import SharedLimits
from router_module_flask.listener_repository import ListenerQueue
from router_module_flask.listeners import Listeners
from router_module_flask.moderation.nuke_wiring import wire_nukes
from router_module_flask.moderation.verdicts import Moderation
from router_module_flask.module_repository import ModuleRepository
from router_module_flask.modules import ModuleRunner
from router_module_flask.outbox_repository import Outbox
from router_module_flask.overview import Overview
from router_module_flask.personal_data import PersonalData
from router_module_flask.pipeline import Pipeline
from router_module_flask.ports import EventLog
from router_module_flask.records import CommittedRecords
from router_module_flask.registry import Registry
from router_module_flask.retained import Bounds, Retained
from router_module_flask.retention import Retention
from router_module_flask.trace_repository import TraceRepository
from router_module_flask.unasked import Unasked
from router_module_flask.webhooks import WebhookCaller
from router_module_flask.worker import Worker


@dataclass(frozen=True, slots=True)
class Router:
    """The parts that the app starts."""

    service: Service
    log: EventLog
    ingest: Ingest
    directory: CommandDirectory
    endpoints: Endpoints
    commands: CommandGroup
    chatting: Chatting
    registry: Registry
    contexts: CachedContexts
    worker: Worker
    deliveries: DeliveryQueue
    listeners: Listeners
    retention: Retention
    traces: TraceRepository
    desk: Desk
    personal: PersonalData

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


def event_log(service: Service, config: Config) -> EventLog:
    """Redis Streams where there is a Redis, else a table."""
    owner = service.manifest.instance
    if config.redis_url:
        return RedisEventLog(config.redis_url, service.shared, owner, partitions=config.partitions)
    return SqlEventLog(service.database, owner)


def wire(service: Service, config: Config) -> Router:
    """All parts of the router, from the log to the deliveries."""
    log = event_log(service, config)
    modules = ModuleRepository(service.database)
    directory = CommandDirectory(modules)
    registry = Registry(modules, directory, service.services, service.shared, service.sealer, UrlGuard())
    contexts = CachedContexts(service.services)
    outbox = Outbox(service.database)
    deliveries = DeliveryQueue(outbox, ServiceCarriers(service.services))
    listeners = Listeners(ListenerQueue(service.database), service.services, directory, config.service_key)
    desk, choices = wire_desk(service, log), CommunitySettings(service.database, CommunityChoices)
    bounds = Bounds(config.message_hours, config.trace_days, config.most_message_hours, config.most_trace_days)
    records = CommittedRecords(
        service.database,
        log,
        ends_entries_itself=isinstance(log, SqlEventLog),
        listening=listeners.heard,
        start=deliveries.start,
        wake_listeners=listeners.wake,
        textless=Retained(choices.read, bounds).textless,
        recorded=desk.announcer.recorded,
    )
    runner = ModuleRunner(
        service.services, WebhookCaller(service.http), registry.webhook_of, concurrency=config.module_concurrency
    )  # fmt: skip
    limits = SharedLimits(service.shared, default_cooldown=config.default_cooldown)
    pipeline = Pipeline.around(contexts, Moderation(), directory, limits, runner, records)
    traces = TraceRepository(service.database)
    overview = Overview(directory, registry, log, outbox)
    answers = Answers(
        overview, registry, traces, public_url=config.public_url, default_cooldown=config.default_cooldown
    )
    nukes = wire_nukes(service, deliveries)
    unasked = Unasked(outbox, deliveries, service.services, registry)
    ingest = Ingest(log, backlog_limit=config.backlog_limit)
    offered = endpoints(ingest, unasked, registry, traces, overview)
    offered.include(nukes.endpoints)
    offered.include(desk.endpoints)
    offered.include(ChoiceKeeper(choices, service.database, bounds).endpoints())
    service.introduces(settings_schema=choices.schema())
    return Router(
        service=service,
        log=log,
        ingest=ingest,
        directory=directory,
        endpoints=offered,
        commands=nukes.commands,
        chatting=Chatting(answers, nukes.nukes),
        registry=registry,
        contexts=contexts,
        worker=Worker(log, pipeline),
        deliveries=deliveries,
        listeners=listeners,
        retention=Retention(
            service.database,
            service.shared,
            service.manifest.instance,
            log,
            bounds,
            execution_days=config.execution_days,
        ),
        traces=traces,
        desk=desk,
        personal=PersonalData(service.database, log),
    )
