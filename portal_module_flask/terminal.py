"""The terminal's door to the playground: the same rooms and people, for a program."""

from __future__ import annotations

from flask_core.contracts import community, portal, router
from flask_core.datamodels import ChannelKey, Platform, Role
from flask_core.operations import Caller, Endpoints
from flask_core.service_client import ServiceClient
from portal_module_flask.cast import checked
from portal_module_flask.rooms import Rooms


def terminal_endpoints(rooms: Rooms, client: ServiceClient) -> Endpoints:
    """What `waddlebot chat` works with."""
    api = Endpoints()

    @api.offers(portal.ROOMS)
    async def list_rooms(_: portal.ListRooms, caller: Caller) -> portal.RoomList:
        found = await rooms.rooms()
        if caller.acting is None:
            return portal.RoomList(tuple(found))
        here = await _moderated(client, caller)
        return portal.RoomList(tuple(room for room in found if room.community_id in here))

    @api.offers(portal.PEOPLE)
    async def list_people(asked: portal.RoomOf, _: Caller) -> portal.PeopleList:
        return portal.PeopleList(tuple(await rooms.people(_channel(asked))))

    @api.offers(portal.SAY)
    async def say(asked: portal.Say, _: Caller) -> portal.Said:
        speaker = checked(asked.speaker)
        if asked.event:
            return await rooms.happen(_channel(asked), speaker, asked.event)
        return await rooms.say(_channel(asked), speaker, asked.text)

    @api.offers(portal.LINES)
    async def lines(asked: portal.LinesSince, _: Caller) -> portal.LineList:
        return portal.LineList(tuple(await rooms.lines(_channel(asked), asked.seq, asked.wait)))

    @api.offers(portal.WHY)
    async def why(asked: router.TraceOf, _: Caller) -> router.TraceView:
        return await client.call("router", router.TRACE, asked)

    return api


def _channel(asked: portal.RoomOf | portal.Say | portal.LinesSince) -> str:
    return str(ChannelKey(Platform.CONSOLE, str(asked.community_id), asked.room))


async def _moderated(client: ServiceClient, caller: Caller) -> set[int]:
    """The communities whose playground a person's key may enter."""
    own = await client.call("community", community.LIST, community.ListCommunities(), acting=caller.acting)
    key = caller.key
    return {
        known.id
        for known in own.items
        if (known.role or Role.VIEWER) >= Role.MODERATOR and (key is None or key.may("chat", known.id))
    }
