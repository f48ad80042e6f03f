"""Wires browser_source; nobody imports this file."""

from __future__ import annotations

from datetime import timedelta

from quart import Quart

from browser_source_core_module_flask.commands import commands
from browser_source_core_module_flask.config import MODULE, Config
from browser_source_core_module_flask.drawing import ALERTS
from browser_source_core_module_flask.endpoints import endpoints
from browser_source_core_module_flask.item_repository import ItemRepository
from browser_source_core_module_flask.overlay_repository import OverlayRepository
from browser_source_core_module_flask.pages import Audience
from browser_source_core_module_flask.personal_data import KEPT, PersonalData
from browser_source_core_module_flask.screens import Screens
from browser_source_core_module_flask.showrunner import Showrunner
from browser_source_core_module_flask.sockets import pages
from flask_core.app_factory import create_service


def create_app(config: Config) -> Quart:
    """The app of browser_source."""
    service = create_service(MODULE, config)
    items = ItemRepository(service.database)
    audience = Audience(config.max_connections, config.pages_per_overlay)
    runner = Showrunner(items, audience, service.shared, service.manifest.instance)
    overlays = OverlayRepository(service.database, service.sealer)
    grace = timedelta(seconds=config.rotate_grace_seconds)
    screens = Screens(items, overlays, runner, audience, grace=grace)
    service.offers(endpoints(screens))
    service.offers(PersonalData(service.database).endpoints())
    service.introduces(personal_data=KEPT)
    service.runs_commands(commands, screens)
    service.listens_to(*ALERTS)
    service.app.register_blueprint(pages(screens, audience, service.shared, config.portal_origin))
    service.in_background("sweeping", screens.sweep)
    service.in_background("heartbeats", audience.watch)
    service.at_the_end(runner.close)
    return service.app


app = create_app(Config.from_env())
