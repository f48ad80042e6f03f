"""Puts the desk together."""

from __future__ import annotations

from dataclasses import dataclass

from quart import Blueprint

from flask_core.app_factory import Service
from flask_core.operations import Endpoints
from router_module_flask.audit import Audit
from router_module_flask.desk.activity import Activity, Announcer
from router_module_flask.desk.activity_repository import ActivityRepository
from router_module_flask.desk.dead_letters import DeadLetters
from router_module_flask.desk.endpoints import desk_endpoints, stream_route
from router_module_flask.ports import EventLog


@dataclass(frozen=True, slots=True)
class Desk:
    """What the router offers of it, and who has to hear of every record."""

    announcer: Announcer
    endpoints: Endpoints
    stream: Blueprint


def wire_desk(service: Service, log: EventLog) -> Desk:
    """The services with their doors."""
    database = service.database
    activity = Activity(ActivityRepository(database), service.shared)
    endpoints = desk_endpoints(Audit(database), activity, DeadLetters(log, database))
    return Desk(Announcer(service.shared), endpoints, stream_route(service, activity))
