"""Wires the alias module; nobody imports this file."""

from __future__ import annotations

from quart import Quart

from alias_interaction_module_flask import alias_commands, counter_commands  # noqa: F401 (declare their commands)
from alias_interaction_module_flask.commands import commands
from alias_interaction_module_flask.config import MODULE, Config
from alias_interaction_module_flask.endpoints import endpoints
from alias_interaction_module_flask.fetching.pages import response_pages
from alias_interaction_module_flask.imports.serving import serve_imports
from alias_interaction_module_flask.personal_data import KEPT, PersonalData
from alias_interaction_module_flask.wiring import wire
from flask_core.app_factory import create_service
from flask_core.auth import utc_now


def create_app(config: Config) -> Quart:
    """The app of alias."""
    service = create_service(MODULE, config)
    parts = wire(service.database, service.services, service.shared, service.http, config, now=utc_now)
    service.offers(endpoints(parts.desk))
    service.offers(PersonalData(service.database).endpoints())
    service.offers(parts.settings.endpoints())
    service.runs_commands(commands, parts.alias, may_dispatch=True)
    service.introduces(settings_schema=parts.settings.schema(), personal_data=KEPT)
    service.in_background("index", parts.pushing.loop(service.manifest.instance).run)
    service.in_background("comparing", parts.pushing.watch)
    service.in_background("sweeping", parts.sweeper.run)
    service.in_background("responses", parts.responses.forget_old)
    service.app.register_blueprint(response_pages(parts.responses))
    service.at_the_end(parts.around.scripts.close)
    service.at_the_end(parts.around.fetching.close)
    service.app.extensions["alias"] = parts
    serve_imports(service, config, parts.desk.entries)
    return service.app


app = create_app(Config.from_env())
