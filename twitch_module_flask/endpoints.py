"""What twitch offers other modules."""

from __future__ import annotations

from flask_core.contracts import module, twitch
from flask_core.operations import Caller, Endpoints
from twitch_module_flask.connections import Connections
from twitch_module_flask.doing.service import Doing
from twitch_module_flask.grants import Grants
from twitch_module_flask.health import Health


def endpoints(doing: Doing, grants: Grants, connections: Connections, health: Health) -> Endpoints:
    """Twitch's operations."""
    api = Endpoints()

    @api.offers(module.DELIVER)
    async def deliver(asked: module.Deliveries, _: Caller) -> module.DeliveryResults:
        return module.DeliveryResults(tuple(await doing.deliver(asked.items)))

    @api.offers(twitch.START_GRANT)
    async def start_grant(asked: twitch.StartGrant, caller: Caller) -> twitch.Grant:
        return await grants.start(asked, caller.person)

    @api.offers(twitch.GRANT)
    async def show_grant(asked: twitch.GrantId, caller: Caller) -> twitch.Grant:
        return await grants.show(asked.id, caller.person)

    @api.offers(twitch.STATUS)
    async def status(asked: twitch.OfCommunity, _: Caller) -> twitch.Status:
        return await health.status(asked.community_id)

    @api.offers(twitch.SET_CHANNEL)
    async def set_channel(asked: twitch.ChannelSettings, _: Caller) -> None:
        await connections.set_channel(asked)

    @api.offers(twitch.DISCONNECT)
    async def disconnect(asked: twitch.AccountOf, caller: Caller) -> None:
        await connections.disconnect(asked.user_id, asked.community_id, operator=caller.person.operator)

    return api
