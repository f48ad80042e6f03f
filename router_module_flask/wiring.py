"""Puts the router's parts together: log, pipeline, records, deliveries."""

from __future__ import annotations

from flask_core.app_factory import Service
from router_module_flask.answers import Answers
from router_module_flask.chatting import Chatting
from router_module_flask.claims.wiring import wire_claims
from router_module_flask.config import Config
from router_module_flask.contexts import CachedContexts
from router_module_flask.customs.wiring import wire_customs
from router_module_flask.delivering.carriers import ServiceCarriers
from router_module_flask.delivering.delivery import DeliveryQueue
from router_module_flask.delivering.late_results import LateResults
from router_module_flask.delivering.repository import Outbox
from router_module_flask.desk.wiring import Desk, wire_desk
from router_module_flask.dispatch import Lines
from router_module_flask.endpoints import endpoints
from router_module_flask.event_log.redis_streams import RedisEventLog
from router_module_flask.event_log.table import SqlEventLog
from router_module_flask.executors.wiring import wire_executors, wire_register
from router_module_flask.forms import FormLinks
from router_module_flask.ingest import Ingest
from router_module_flask.introductions.registry import Registry
from router_module_flask.introductions.repository import ModuleRepository
from router_module_flask.limits import SharedLimits
from router_module_flask.listener_repository import ListenerQueue
from router_module_flask.listeners import Listeners
from router_module_flask.liveness import Liveness
from router_module_flask.measures import Gauges, Measures
from router_module_flask.moderation.filters.wiring import wire_filters
from router_module_flask.moderation.nukes.wiring import wire_nukes
from router_module_flask.moderation.rules.wiring import RuleParts, wire_rules
from router_module_flask.moderation.verdicts import Moderation
from router_module_flask.modules import ModuleRunner
from router_module_flask.names.naming import Naming
from router_module_flask.names.repository import NamesRepository
from router_module_flask.overview import Overview
from router_module_flask.parts import Router
from router_module_flask.personal_data import PersonalData
from router_module_flask.pipeline import Pipeline
from router_module_flask.ports import EventLog
from router_module_flask.records import CommittedRecords, Textless
from router_module_flask.retained import Bounds, Retained
from router_module_flask.retention import Retention
from router_module_flask.timers.wiring import wire_timers
from router_module_flask.trace_repository import TraceRepository
from router_module_flask.unasked import Unasked
from router_module_flask.worker import Worker


def event_log(service: Service, config: Config) -> EventLog:
    """Redis Streams where there is a Redis, else a table."""
    owner = service.manifest.instance
    if config.redis_url:
        return RedisEventLog(config.redis_url, service.shared, owner, partitions=config.partitions)
    return SqlEventLog(service.database, owner)


def _deliveries(service: Service, outbox: Outbox, rules: RuleParts, measures: Measures) -> DeliveryQueue:
    """What others wrote passes the word rules on its way, and refusals are told to moderators."""
    return DeliveryQueue(
        outbox,
        ServiceCarriers(service.services, rules.webhooks),
        cover=rules.cover.cover,
        after=rules.notes.after,
        ended=measures.delivered,
    )


def _records(
    service: Service, log: EventLog, listeners: Listeners, deliveries: DeliveryQueue, textless: Textless, desk: Desk,
    measures: Measures,
) -> CommittedRecords:  # fmt: skip
    """What is told of everything that is committed."""
    return CommittedRecords(
        service.database,
        log,
        ends_entries_itself=isinstance(log, SqlEventLog),
        listening=listeners.heard,
        start=deliveries.start,
        wake_listeners=listeners.wake,
        textless=textless,
        recorded=desk.announcer.recorded,
        measures=measures,
    )


def _retention(service: Service, config: Config, log: EventLog, bounds: Bounds) -> Retention:
    owner, days = service.manifest.instance, config.execution_days
    return Retention(service.database, service.shared, owner, log, bounds, execution_days=days)


def wire(service: Service, config: Config) -> Router:
    """All parts of the router, from the log to the deliveries."""
    log, measures = event_log(service, config), Measures(service.metrics)
    bounds = Bounds(config.message_hours, config.trace_days, config.most_message_hours, config.most_trace_days)
    names = NamesRepository(service.database)
    customs = wire_customs(service, config.default_cooldown, names, bounds)
    directory = customs.directory
    register = wire_register(service, config, directory)
    registry = Registry(ModuleRepository(service.database), directory, service.services, service.shared, register)
    contexts = CachedContexts(service.services, liveness=Liveness(service.database))
    outbox = Outbox(service.database)
    rules = wire_rules(service, directory, public_url=config.public_url)
    deliveries = _deliveries(service, outbox, rules, measures)
    listeners = Listeners(ListenerQueue(service.database), service.services, directory, config.service_key)
    desk = wire_desk(service, log)
    textless = Retained(customs.settings.read, bounds).textless
    records = _records(service, log, listeners, deliveries, textless, desk, measures)
    executors = wire_executors(service, config, register, customs, outbox, deliveries)
    runner = ModuleRunner(
        service.services, executors.outside, FormLinks(service.services), concurrency=config.module_concurrency
    )
    unasked = Unasked(outbox, deliveries, service.services, customs.switches, contexts)
    filters = wire_filters(service, directory.find, unasked)
    pipeline = Pipeline.around(
        contexts,
        Moderation(rules.watch, filters.watch),
        directory,
        SharedLimits(service.shared, default_cooldown=config.default_cooldown),
        runner,
        records,
        service.shared,
    )
    traces = TraceRepository(service.database)
    overview = Overview(directory, customs.known, log, outbox, config.backlog_limit)
    answers = Answers(
        overview, customs.switches, traces, public_url=config.public_url, default_cooldown=config.default_cooldown
    )
    nukes = wire_nukes(service, deliveries)
    ingest = Ingest(log, measures, backlog_limit=config.backlog_limit)
    lines = Lines(pipeline.dispatch, records)
    timers = wire_timers(
        service.database,
        service.services,
        contexts,
        deliveries,
        lines,
        config.public_url,
        overloaded=lambda: ingest.full,
    )
    return Router(
        service=service,
        log=log,
        ingest=ingest,
        directory=directory,
        endpoints=endpoints(ingest, unasked, registry, traces, overview),
        chatting=Chatting(answers, rules.desk, filters.desk, nukes.nukes, customs.overrides, timers.chat),
        naming=Naming(names, directory, service.services, service.shared),
        sessions=pipeline.dispatch.sessions,
        executors=executors,
        registry=registry,
        contexts=contexts,
        worker=Worker(log, pipeline),
        deliveries=deliveries,
        listeners=listeners,
        retention=_retention(service, config, log, bounds),
        traces=traces,
        desk=desk,
        nukes=nukes,
        personal=PersonalData(service.database, log),
        rules=rules,
        filters=filters,
        lines=lines,
        late_results=LateResults(outbox),
        timers=timers,
        gauges=Gauges(service.metrics, log, service.services.transport.breakers, register.breakers),
        claims=wire_claims(service, config.max_claims),
        customs=customs,
    )
