"""Wires twitch; nobody imports this file."""

from __future__ import annotations

from quart import Quart

from flask_core.app_factory import create_service
from twitch_module_flask.commands import commands
from twitch_module_flask.config import MODULE, Config
from twitch_module_flask.endpoints import endpoints
from twitch_module_flask.personal_data import KEPT
from twitch_module_flask.webhook import webhook
from twitch_module_flask.wiring import wire


def create_app(config: Config) -> Quart:
    """Twitch's app."""
    service = create_service(MODULE, config)
    made = wire(service, config)
    service.offers(endpoints(made.doing.doing, made.grants, made.connections, made.health, made.tester))
    service.offers(made.doing.lookups)
    service.offers(made.personal_data.endpoints())
    service.introduces(personal_data=KEPT)
    service.runs_commands(commands, made.doing.chatting)
    service.app.register_blueprint(webhook(made.receiver))
    service.in_background("spool", made.handover.drain)
    service.in_background("roles", made.roles.tell)
    service.in_background("codes", made.upkeep.ask_about_codes)
    service.in_background("subscriptions", made.upkeep.keep_subscriptions)
    service.in_background("sign-ins", made.upkeep.keep_signed_in)
    service.in_background("streams", made.doing.viewing.look)
    service.in_background("old results", made.upkeep.sweep)
    for name, work in made.eventsub.work.items():
        service.in_background(name, work)
    service.at_the_end(made.eventsub.close)
    service.at_the_end(made.handover.close)
    service.at_the_end(made.doing.doing.close)
    return service.app


app = create_app(Config.from_env())
