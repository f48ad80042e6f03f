"""What the portal offers other modules: the console platform."""

from __future__ import annotations

from flask_core.contracts import module, portal
from flask_core.operations import Caller, Endpoints
from portal_module_flask.rooms import Rooms


def endpoints(rooms: Rooms) -> Endpoints:
    """The portal's operations."""
    api = Endpoints()

    @api.offers(module.DELIVER)
    async def deliver(asked: module.Deliveries, _: Caller) -> module.DeliveryResults:
        return await rooms.deliver(asked)

    @api.offers(portal.ROOMS)
    async def list_rooms(_: portal.ListRooms, __: Caller) -> portal.RoomList:
        return portal.RoomList(tuple(await rooms.rooms()))

    @api.offers(portal.SAY)
    async def say(asked: portal.Say, _: Caller) -> portal.Said:
        return await rooms.say(asked.channel, asked.speaker, asked.text)

    @api.offers(portal.LINES)
    async def lines(asked: portal.LinesSince, _: Caller) -> portal.LineList:
        return portal.LineList(tuple(await rooms.lines(asked.channel, asked.seq, asked.wait)))

    return api
