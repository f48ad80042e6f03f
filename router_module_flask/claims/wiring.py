"""Puts the parts of claims together."""

from __future__ import annotations

from dataclasses import dataclass

from flask_core.app_factory import Service
from flask_core.operations import Endpoints
from router_module_flask.claims.endpoints import endpoints
from router_module_flask.claims.repository import ClaimRepository
from router_module_flask.claims.service import Claims


@dataclass(frozen=True, slots=True)
class ClaimParts:
    """The service and what it offers."""

    claims: Claims
    endpoints: Endpoints


def wire_claims(service: Service, most: int) -> ClaimParts:
    """Claims on the router's database."""
    claims = Claims(ClaimRepository(service.database), service.shared, service.manifest.instance, most=most)
    return ClaimParts(claims, endpoints(claims))
