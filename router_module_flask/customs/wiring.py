"""Puts together what communities decide for themselves: choices, switches, commands."""

from __future__ import annotations

from dataclasses import dataclass

from flask_core.app_factory import Service
from flask_core.community_settings import CommunitySettings
from flask_core.datamodels import Cooldowns
from flask_core.operations import Endpoints
from router_module_flask.customs import commands  # noqa: F401 (declares !cooldown)
from router_module_flask.customs.choices import ChoiceKeeper, CommunityChoices
from router_module_flask.customs.endpoints import customs_endpoints
from router_module_flask.customs.known import KnownCustoms
from router_module_flask.customs.overrides import Overrides
from router_module_flask.customs.repository import CustomsRepository
from router_module_flask.customs.switch_repository import SwitchRepository
from router_module_flask.customs.switches import Switches
from router_module_flask.customs.wishes import wish_endpoints
from router_module_flask.executors.grants import Grants
from router_module_flask.introductions.directory import CommandDirectory
from router_module_flask.names.repository import NamesRepository
from router_module_flask.retained import Bounds


@dataclass(frozen=True, slots=True)
class CustomsParts:
    """What the rest of the router asks about a community."""

    known: KnownCustoms
    directory: CommandDirectory
    switches: Switches
    grants: Grants
    overrides: Overrides
    settings: CommunitySettings[CommunityChoices]
    endpoints: Endpoints


def wire_customs(service: Service, default_cooldown: float, names: NamesRepository, bounds: Bounds) -> CustomsParts:
    """Customs on the router's database, and the directory that goes by them."""
    settings = CommunitySettings(service.database, CommunityChoices)
    rows = CustomsRepository(service.database, settings)
    known = KnownCustoms(rows, service.shared)
    directory = CommandDirectory(known, names, default_cooldowns=Cooldowns(member=default_cooldown))
    grants = Grants(service.database, service.shared)
    switches = Switches(SwitchRepository(service.database), directory, known, grants)
    overrides = Overrides(rows, directory, known)
    choices = ChoiceKeeper(settings, service.database, service.services, known.changed, bounds)
    endpoints = customs_endpoints(overrides, switches)
    endpoints.include(choices.endpoints())
    endpoints.include(wish_endpoints(service.database, known))
    service.introduces(settings_schema=settings.schema())
    return CustomsParts(known, directory, switches, grants, overrides, settings, endpoints)
