"""Wires the alias module; nobody imports this file."""

from __future__ import annotations

from quart import Quart

from alias_interaction_module_flask import alias_commands, counter_commands  # noqa: F401 (declare their commands)
from alias_interaction_module_flask.commands import commands
from alias_interaction_module_flask.config import MODULE, Config
from alias_interaction_module_flask.endpoints import endpoints
from alias_interaction_module_flask.imports.connecting import NightbotClient
from alias_interaction_module_flask.imports.import_endpoints import import_endpoints
from alias_interaction_module_flask.imports.import_wiring import ImportParts, Outside, wire_imports
from alias_interaction_module_flask.personal_data import KEPT, PersonalData
from alias_interaction_module_flask.wiring import AliasParts, wire
from flask_core.app_factory import Service, create_service
from flask_core.auth import utc_now
from flask_core.http_client import HttpClient


def create_app(config: Config) -> Quart:
    """The app of alias."""
    service = create_service(MODULE, config)
    parts = wire(service.database, service.services, config, now=utc_now)
    service.offers(endpoints(parts.desk))
    service.offers(PersonalData(service.database).endpoints())
    service.offers(parts.settings.endpoints())
    service.runs_commands(commands, parts.alias, may_dispatch=True)
    service.introduces(settings_schema=parts.settings.schema(), personal_data=KEPT)
    service.in_background("index", parts.pushing.loop(service.manifest.instance, utc_now).run)
    service.in_background("sweeping", parts.sweeper.run)
    _imports(service, config, parts)
    return service.app


def _imports(service: Service, config: Config, parts: AliasParts) -> None:
    """Commands of other bots, brought by admins."""
    # A file of 2 MiB is larger when it travels as a text in JSON.
    service.app.config["MAX_CONTENT_LENGTH"] = 6 * 1024 * 1024
    http = HttpClient(service.shared, most_bytes=16 * 1024 * 1024)
    client = NightbotClient(config.nightbot_client_id, config.nightbot_client_secret, config.nightbot_redirect)
    urls = {"nightbot": config.nightbot_url, "streamelements": config.streamelements_url}
    outside = Outside(http, urls, client)
    brought: ImportParts = wire_imports(
        service.database, service.sealer, service.services, parts.desk.entries, outside, now=utc_now
    )
    service.offers(import_endpoints(brought.importing))
    service.in_background("imports", brought.working.loop(service.manifest.instance).run)
    service.in_background("old imports", brought.working.sweep_for_ever)
    service.at_the_end(http.close)


app = create_app(Config.from_env())
