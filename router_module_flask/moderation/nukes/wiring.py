"""Puts the parts of nukes together."""

from __future__ import annotations

from dataclasses import dataclass

from flask_core.app_factory import Service
from flask_core.operations import Endpoints
from router_module_flask.delivering.delivery import DeliveryQueue
from router_module_flask.moderation.nukes import commands  # noqa: F401 (declares !nuke)
from router_module_flask.moderation.nukes.endpoints import nuke_endpoints
from router_module_flask.moderation.nukes.repository import NukeRepository
from router_module_flask.moderation.nukes.service import Nukes


@dataclass(frozen=True, slots=True)
class NukeParts:
    """What the router offers of them."""

    nukes: Nukes
    endpoints: Endpoints


def wire_nukes(service: Service, deliveries: DeliveryQueue) -> NukeParts:
    """The service with its doors."""
    nukes = Nukes(NukeRepository(service.database), service.services, deliveries)
    return NukeParts(nukes, nuke_endpoints(nukes))
