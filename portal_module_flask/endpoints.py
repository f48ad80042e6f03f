"""What the portal offers other modules: the console platform. The terminal's part is in terminal.py."""

from __future__ import annotations

from flask_core.contracts import module
from flask_core.operations import Caller, Endpoints
from portal_module_flask.rooms import Rooms


def endpoints(rooms: Rooms) -> Endpoints:
    """The portal's operations."""
    api = Endpoints()

    @api.offers(module.DELIVER)
    async def deliver(asked: module.Deliveries, _: Caller) -> module.DeliveryResults:
        return await rooms.deliver(asked)

    return api
