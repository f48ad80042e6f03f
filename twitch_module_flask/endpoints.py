"""What twitch offers other modules."""

from __future__ import annotations

from flask_core.contracts import module, twitch
from flask_core.operations import Caller, Endpoints
from twitch_module_flask.connections import Connections
from twitch_module_flask.doing.service import Doing
from twitch_module_flask.grants import Grants
from twitch_module_flask.health import Health
from twitch_module_flask.trying import SelfTester


def endpoints(doing: Doing, grants: Grants, connections: Connections, health: Health, tester: SelfTester) -> Endpoints:
    """Twitch's operations."""
    api = Endpoints()

    @api.offers(module.DELIVER)
    async def deliver(asked: module.Deliveries, _: Caller) -> module.DeliveryResults:
        return module.DeliveryResults(tuple(await doing.deliver(asked.items)))

    @api.offers(twitch.STATUS)
    async def status(asked: twitch.OfCommunity, _: Caller) -> twitch.Status:
        return await health.status(asked.community_id)

    @api.offers(twitch.TEST_CHANNEL)
    async def try_channel(asked: twitch.ChannelOf, _: Caller) -> twitch.SelfTest:
        return await tester.test(asked)

    _grants(api, grants)
    _connections(api, connections)
    return api


def _grants(api: Endpoints, grants: Grants) -> None:
    @api.offers(twitch.START_GRANT)
    async def start_grant(asked: twitch.StartGrant, caller: Caller) -> twitch.Grant:
        return await grants.start(asked, caller.person)

    @api.offers(twitch.START_REDIRECT)
    async def start_redirect(asked: twitch.StartGrant, caller: Caller) -> twitch.Grant:
        return await grants.set_out(asked, caller.person)

    @api.offers(twitch.FINISH_GRANT)
    async def finish_grant(asked: twitch.FinishGrant, caller: Caller) -> twitch.Grant:
        return await grants.come_back(asked, caller.person)

    @api.offers(twitch.GRANT)
    async def show_grant(asked: twitch.GrantId, caller: Caller) -> twitch.Grant:
        return await grants.show(asked.id, caller.person)


def _connections(api: Endpoints, connections: Connections) -> None:
    @api.offers(twitch.ACCOUNTS)
    async def list_accounts(asked: twitch.OfCommunity, _: Caller) -> twitch.AccountList:
        return twitch.AccountList(tuple(await connections.accounts(asked.community_id)))

    @api.offers(twitch.DISCONNECT)
    async def disconnect(asked: twitch.AccountOf, caller: Caller) -> None:
        await connections.disconnect(asked.user_id, asked.community_id, caller)

    @api.offers(twitch.CHANNELS)
    async def list_channels(asked: twitch.OfCommunity, _: Caller) -> twitch.ChannelList:
        return twitch.ChannelList(tuple(await connections.channels(asked.community_id)))

    @api.offers(twitch.SET_CHANNEL)
    async def set_channel(asked: twitch.ChannelSettings, caller: Caller) -> None:
        await connections.set_channel(asked, caller)

    @api.offers(twitch.STOP_READING)
    async def stop_reading(asked: twitch.ChannelOf, caller: Caller) -> None:
        await connections.stop_reading(asked, caller)
