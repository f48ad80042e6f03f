"""Wires the router; nobody imports this file."""

from __future__ import annotations

from quart import Quart

from flask_core.app_factory import create_service
from router_module_flask.commands import commands
from router_module_flask.config import MODULE, Config
from router_module_flask.executors.endpoints import callback_pages
from router_module_flask.personal_data import KEPT
from router_module_flask.wiring import wire


def create_app(config: Config) -> Quart:
    """The router's app."""
    service = create_service(MODULE, config)
    router = wire(service, config)
    service.app.extensions["router"] = router
    for endpoints in router.offered():
        service.offers(endpoints)
    service.app.register_blueprint(callback_pages(router.executors.callbacks))
    service.app.register_blueprint(router.desk.stream)
    service.introduces(personal_data=KEPT)
    service.runs_commands(commands, router.chatting)
    for name, job in router.jobs().items():
        service.in_background(name, job)
    service.at_the_end(router.worker.settle)
    service.at_the_end(router.deliveries.settle)
    service.at_the_end(router.rules.book.settle)
    service.at_the_end(router.close_log)
    return service.app


app = create_app(Config.from_env())
