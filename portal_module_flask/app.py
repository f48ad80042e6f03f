"""Wires the portal; nobody imports this file."""

from __future__ import annotations

from quart import Quart

from flask_core.app_factory import create_service
from portal_module_flask.backup_wiring import offer_backups
from portal_module_flask.config import MODULE, Config
from portal_module_flask.endpoints import endpoints
from portal_module_flask.form_wiring import offer_forms
from portal_module_flask.key_rates import KeyRates
from portal_module_flask.notice_wiring import offer_notices
from portal_module_flask.pages import secure, speak_html
from portal_module_flask.personal_data import KEPT, PersonalData
from portal_module_flask.room_repository import RoomRepository
from portal_module_flask.rooms import Rooms
from portal_module_flask.terminal import terminal_endpoints
from portal_module_flask.views import PAGES, joining, live, overlays, playground, programs
from portal_module_flask.visits import Door


def create_app(config: Config) -> Quart:
    """The portal's app."""
    service = create_service(MODULE, config)
    rooms = Rooms(
        RoomRepository(service.database), service.services, service.shared, lines_per_minute=config.lines_per_minute
    )
    secure_cookies = config.public_url.startswith("https://")
    service.app.extensions["door"] = Door(service.services, config.service_key, secure=secure_cookies)
    service.offers(endpoints(rooms))
    service.offers(terminal_endpoints(rooms, service.services))
    offer_forms(service, config)
    offer_notices(service, config)
    offer_backups(service, config)
    service.offers(PersonalData(service.database).endpoints())
    service.introduces(personal_data=KEPT)
    service.app.register_blueprint(playground.views(rooms, config.overlay_url))
    service.app.register_blueprint(overlays.views(config.overlay_url))
    service.app.register_blueprint(live.views(service.shared))
    service.app.register_blueprint(joining.views(config.public_url))
    rates = KeyRates(service.shared, per_minute=config.api_rate_per_minute, per_hour=config.api_rate_per_hour)
    service.app.register_blueprint(programs.views(service.services, service.gate.keys, rates))
    for page in PAGES:
        service.app.register_blueprint(page.views())
    # Lists and files that are to be imported have up to 2 MiB, and may fill the whole request.
    service.app.config["MAX_CONTENT_LENGTH"] = 3 * 1024 * 1024
    service.app.config["MAX_FORM_MEMORY_SIZE"] = service.app.config["MAX_CONTENT_LENGTH"]
    speak_html(service.app)
    secure(service.app, config.overlay_url, config.sign_in_hosts)
    service.in_background("old lines", rooms.forget_old)
    return service.app


app = create_app(Config.from_env())
