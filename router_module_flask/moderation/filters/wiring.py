"""Puts the filters together."""

from __future__ import annotations

from dataclasses import dataclass

from flask_core.app_factory import Service
from flask_core.operations import Endpoints
from router_module_flask.moderation.filters import commands
from router_module_flask.moderation.filters.decay import Decay
from router_module_flask.moderation.filters.desk import FilterDesk
from router_module_flask.moderation.filters.endpoints import endpoints
from router_module_flask.moderation.filters.held_repository import HeldRepository
from router_module_flask.moderation.filters.offence_repository import OffenceRepository
from router_module_flask.moderation.filters.permits import Permits
from router_module_flask.moderation.filters.repository import FilterRepository
from router_module_flask.moderation.filters.service import FilterService, Speaks
from router_module_flask.moderation.filters.switched_on import SwitchedOn
from router_module_flask.moderation.filters.watch import FilterWatch, Finds

__all__ = ["Filters", "commands", "wire_filters"]


@dataclass(frozen=True, slots=True)
class Filters:
    """What the router starts and offers of them."""

    watch: FilterWatch
    desk: FilterDesk
    endpoints: Endpoints
    switched_on: SwitchedOn
    decay: Decay


def wire_filters(service: Service, finds: Finds, speaks: Speaks) -> Filters:
    """All parts of the filters."""
    repository, offences = FilterRepository(service.database), OffenceRepository(service.database)
    held, permits = HeldRepository(service.database), Permits(service.shared)
    switched_on = SwitchedOn(repository, service.shared)
    desk = FilterService(repository, switched_on, offences, held, speaks)
    return Filters(
        watch=FilterWatch(switched_on, offences, held, permits, finds),
        desk=FilterDesk(desk, permits),
        endpoints=endpoints(desk),
        switched_on=switched_on,
        decay=Decay(offences, service.shared, service.manifest.instance),
    )
