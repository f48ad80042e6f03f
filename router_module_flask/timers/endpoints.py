"""The operations on timers."""

from __future__ import annotations

from flask_core.contracts import timers as contract
from flask_core.operations import Caller, Endpoints
from router_module_flask.timers.rights import author_in_portal as _by
from router_module_flask.timers.service import Timers


def endpoints(timers: Timers) -> Endpoints:
    """Offer them."""
    api = Endpoints()

    @api.offers(contract.TIMERS)
    async def listed(asked: contract.TimersOf, _: Caller) -> contract.TimerList:
        return contract.TimerList(tuple(await timers.listed(asked.community_id)))

    @api.offers(contract.ADD_TIMER)
    async def add(asked: contract.AddTimer, caller: Caller) -> contract.TimerView:
        return await timers.add(
            asked.community_id, asked.name, asked.settings, _by(caller), enabled=asked.enabled
        )  # fmt: skip

    @api.offers(contract.TIMER)
    async def one(asked: contract.TimerOf, _: Caller) -> contract.TimerView:
        return await timers.one(asked.community_id, asked.name)

    @api.offers(contract.CHANGE_TIMER)
    async def change(asked: contract.ChangeTimer, caller: Caller) -> contract.TimerView:
        return await timers.change(
            asked.community_id, asked.name, _by(caller),
            settings=asked.settings, enabled=asked.enabled, version=asked.version,
        )  # fmt: skip

    @api.offers(contract.REMOVE_TIMER)
    async def remove(asked: contract.TimerOf, caller: Caller) -> None:
        await timers.remove(asked.community_id, asked.name, _by(caller))

    @api.offers(contract.RUN_TIMER)
    async def run(asked: contract.TimerOf, caller: Caller) -> contract.TimerView:
        return await timers.run(asked.community_id, asked.name, _by(caller))

    return api
