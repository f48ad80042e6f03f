"""What the router offers admins about commands and switches of their community."""

from __future__ import annotations

from flask_core.contracts import commands as contract
from flask_core.contracts import router
from flask_core.operations import Caller, Endpoints
from router_module_flask.customs.overrides import Overrides
from router_module_flask.customs.switches import Switches


def customs_endpoints(overrides: Overrides, switches: Switches) -> Endpoints:
    """`…/commands/{path}` and `…/enablement`."""
    api = Endpoints()

    @api.offers(contract.COMMAND)
    async def show(asked: contract.CommandOf, _: Caller) -> contract.CommandView:
        return await overrides.one(asked.community_id, asked.path)

    @api.offers(contract.PUT_COMMAND)
    async def change(asked: contract.PutCommand, caller: Caller) -> contract.CommandView:
        return await overrides.put(
            asked.community_id, asked.path, asked.choice, asked.version, role=caller.role, by=caller.person.person_id
        )

    @api.offers(router.ENABLEMENT)
    async def enablement(asked: router.CommunityId, _: Caller) -> router.EnablementList:
        return router.EnablementList(tuple((await switches.of(asked.community_id)).values()))

    @api.offers(router.ENABLEMENT_OF)
    async def one(asked: router.EnablementOf, _: Caller) -> router.Enablement:
        return await switches.one(asked.community_id, asked.module)

    @api.offers(router.ENABLE)
    async def enable(asked: router.PutEnablement, caller: Caller) -> router.Enablement:
        return await switches.put(asked, caller)

    return api
