"""Wires the router; nobody imports this file."""

from __future__ import annotations

from quart import Quart

from flask_core.app_factory import create_service
from router_module_flask.config import MODULE, Config
from router_module_flask.executors.endpoints import callback_pages, executor_endpoints
from router_module_flask.forms import form_endpoints
from router_module_flask.names.endpoints import names_endpoints
from router_module_flask.sessions.endpoints import session_endpoints
from router_module_flask.wiring import wire


def create_app(config: Config) -> Quart:
    """The router's app."""
    service = create_service(MODULE, config)
    router = wire(service, config)
    service.app.extensions["router"] = router
    service.offers(router.endpoints)
    service.offers(names_endpoints(router.naming))
    service.offers(executor_endpoints(router.executors.register, router.executors.grants))
    service.app.register_blueprint(callback_pages(router.executors.callbacks))
    service.offers(form_endpoints(router.log))
    service.offers(session_endpoints(router.sessions))
    service.offers(router.personal.endpoints())
    service.offers(router.filters.endpoints)
    service.offers(router.customs.endpoints)
    service.offers(router.claims.endpoints)
    service.runs_commands(router.commands, router.chatting)
    service.in_background("directory", router.load_and_listen)
    service.in_background("names", router.naming.listen)
    service.in_background("third parties", router.executors.register.listen)
    service.in_background("grants", router.executors.grants.listen)
    service.in_background("sessions", router.sessions.listen)
    service.in_background("contexts", router.follow_communities)
    service.in_background("worker", router.worker.run)
    service.in_background("long work", router.worker.keep_alive)
    service.in_background("deliveries", router.deliveries.recover)
    service.in_background("listeners", router.listeners.run)
    service.in_background("claims", router.claims.claims.run)
    service.in_background("retention", router.retention.run)
    service.in_background("filters", router.filters.switched_on.listen)
    service.in_background("offences", router.filters.decay.run)
    service.at_the_end(router.worker.settle)
    service.at_the_end(router.deliveries.settle)
    service.at_the_end(router.close_log)
    return service.app


app = create_app(Config.from_env())
