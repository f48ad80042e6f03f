"""Wires the router; nobody imports this file."""

from __future__ import annotations

from quart import Quart

from flask_core.app_factory import create_service
from router_module_flask.config import MODULE, Config
from router_module_flask.wiring import wire


def create_app(config: Config) -> Quart:
    """The router's app."""
    service = create_service(MODULE, config)
    router = wire(service, config)
    service.app.extensions["router"] = router
    service.offers(router.endpoints)
    service.offers(router.personal.endpoints())
    service.runs_commands(router.commands, router.chatting)
    service.app.register_blueprint(router.desk.stream)
    service.in_background("directory", router.load_and_listen)
    service.in_background("contexts", router.follow_communities)
    service.in_background("worker", router.worker.run)
    service.in_background("long work", router.worker.keep_alive)
    service.in_background("deliveries", router.deliveries.recover)
    service.in_background("listeners", router.listeners.run)
    service.in_background("activity", router.desk.announcer.run)
    service.in_background("retention", router.retention.run)
    service.at_the_end(router.worker.settle)
    service.at_the_end(router.deliveries.settle)
    service.at_the_end(router.close_log)
    return service.app


app = create_app(Config.from_env())
