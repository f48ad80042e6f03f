"""What alias offers other modules."""

from __future__ import annotations

from alias_interaction_module_flask.command_endpoints import add_command_endpoints
from alias_interaction_module_flask.counter_endpoints import add_counter_endpoints
from alias_interaction_module_flask.desk import Desk
from flask_core.operations import Endpoints


def endpoints(desk: Desk) -> Endpoints:
    """The operations of alias."""
    api = Endpoints()
    add_command_endpoints(api, desk)
    add_counter_endpoints(api, desk)
    return api
