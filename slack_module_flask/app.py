"""Wires slack; nobody imports this file."""

from __future__ import annotations

from quart import Quart

from flask_core.app_factory import create_service
from slack_module_flask.commands import commands
from slack_module_flask.config import MODULE, Config
from slack_module_flask.endpoints import endpoints
from slack_module_flask.personal_data import KEPT, PersonalData
from slack_module_flask.webhook import webhook
from slack_module_flask.wiring import wire


def create_app(config: Config) -> Quart:
    """Slack's app."""
    service = create_service(MODULE, config)
    made = wire(service, config)
    service.offers(endpoints(made))
    service.offers(PersonalData(made.forms, made.workspaces, made.audit, service.shared).endpoints())
    service.runs_commands(commands, made.chatting)
    service.introduces(personal_data=KEPT)
    service.app.register_blueprint(webhook(made.receiver))
    service.in_background("spool", made.handover.drain)
    service.in_background("names", made.people.look_up)
    service.in_background("workspaces", made.workspaces.listen)
    service.in_background("upkeep", made.upkeep.run)
    if made.claims is not None:
        service.in_background("sockets", made.claims.run)
        service.at_the_end(made.claims.release)
    service.at_the_end(made.close)
    return service.app


app = create_app(Config.from_env())
