"""Wires discord; nobody imports this file."""

from __future__ import annotations

from quart import Quart

from discord_module_flask.commands import commands
from discord_module_flask.config import MODULE, Config
from discord_module_flask.endpoints import endpoints
from discord_module_flask.personal_data import KEPT
from discord_module_flask.servers.endpoints import server_endpoints
from discord_module_flask.webhook import webhook
from discord_module_flask.wiring import wire
from flask_core.app_factory import create_service


def create_app(config: Config) -> Quart:
    """Discord's app."""
    service = create_service(MODULE, config)
    made = wire(service, config)
    service.offers(
        endpoints(made.delivering, made.health, made.syncing, made.attached, made.feedback, made.reconnecting)
    )
    service.offers(server_endpoints(made.servers.servers, made.servers.proving, made.lookups))
    service.runs_commands(commands, made.chatting)
    service.offers(made.personal_data.endpoints())
    service.introduces(personal_data=KEPT)
    service.app.register_blueprint(webhook(made.door, made.interactions))
    service.in_background("spool", made.handover.drain)
    service.in_background("settings of servers", made.servers.setups.listen)
    service.in_background("what is known of servers", made.upkeep.stay_fresh)
    service.in_background("old rows", made.upkeep.sweep)
    if not config.lacks:
        service.in_background("shards", made.keeper.run)
        service.in_background("new sessions", made.reconnecting.listen)
        service.in_background("minutes in voice", made.minutes.run)
        service.in_background("slash commands", made.syncing.run)
        service.in_background("roles", made.roles.telling.tell)
        service.in_background("roles of everybody", made.roles.reconcile)
    service.at_the_end(made.keeper.release)
    service.at_the_end(made.handover.close)
    service.at_the_end(made.delivering.close)
    service.at_the_end(made.rest.close)
    return service.app


app = create_app(Config.from_env())
