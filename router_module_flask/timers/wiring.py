"""Puts the parts of the timers together."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from flask_core.auth import utc_now
from flask_core.database import AsyncDAL
from flask_core.due_work import DueWork
from flask_core.operations import Endpoints
from flask_core.service_client import ServiceClient
from router_module_flask.contexts import CachedContexts
from router_module_flask.delivering.delivery import DeliveryQueue
from router_module_flask.dispatch import Lines
from router_module_flask.timers import commands
from router_module_flask.timers.channels import Channels
from router_module_flask.timers.endpoints import endpoints
from router_module_flask.timers.models import Place
from router_module_flask.timers.phrasing import TimerChat
from router_module_flask.timers.place_repository import PlaceRepository
from router_module_flask.timers.repository import TimerRepository
from router_module_flask.timers.rights import Rights
from router_module_flask.timers.running import Runs
from router_module_flask.timers.service import Timers

EVERY_SECONDS = 5.0
__all__ = ["TimerParts", "commands", "wire_timers"]


@dataclass(frozen=True, slots=True)
class TimerParts:
    """What the router starts, offers and answers with."""

    endpoints: Endpoints
    chat: TimerChat
    job: DueWork[Place]


def wire_timers(
    database: AsyncDAL,
    client: ServiceClient,
    contexts: CachedContexts,
    queue: DeliveryQueue,
    lines: Lines,
    public_url: str,
    *,
    overloaded: Callable[[], bool],
    now: Callable[[], datetime] = utc_now,
    chance: random.Random | None = None,
) -> TimerParts:
    """All parts of the timers."""
    places = PlaceRepository(database, queue.start, now=now, chance=chance)
    channels = Channels(client)
    runs = Runs(
        database,
        places,
        contexts,
        channels,
        Rights(client),
        lines,
        crowded=lambda: overloaded() or queue.crowded(),
        now=now,
        chance=chance,
    )
    timers = Timers(TimerRepository(database), channels, runs, queue, now=now, chance=chance)
    job = DueWork(places, runs, now=now, chance=chance, interval=EVERY_SECONDS)
    return TimerParts(endpoints(timers), TimerChat(timers, public_url), job)
