"""What the router offers triggers, and operators, about shared work."""

from __future__ import annotations

from flask_core.contracts import claims as contract
from flask_core.operations import Caller, Endpoints
from router_module_flask.claims.service import Claims


def endpoints(claims: Claims) -> Endpoints:
    """`/api/v1/claims` and what is below it."""
    api = Endpoints()

    @api.offers(contract.PUT_RESOURCES)
    async def put(asked: contract.PutResources, caller: Caller) -> None:
        await claims.put(caller.service, asked)

    @api.offers(contract.CLAIM)
    async def claim(asked: contract.ClaimSome, caller: Caller) -> contract.ClaimsHeld:
        return await claims.claim(caller.service, asked)

    @api.offers(contract.CHECK_IN)
    async def check_in(asked: contract.CheckIn, caller: Caller) -> contract.ClaimsHeld:
        return await claims.check_in(caller.service, asked)

    @api.offers(contract.RELEASE)
    async def release(asked: contract.Release, caller: Caller) -> None:
        await claims.release(caller.service, asked)

    @api.offers(contract.ERROR)
    async def failed(asked: contract.ClaimError, caller: Caller) -> contract.ClaimTrouble:
        return await claims.failed(caller.service, asked)

    @api.offers(contract.CLAIMS)
    async def listed(asked: contract.ListClaims, caller: Caller) -> contract.ClaimList:
        return await claims.listed("" if caller.acting is not None else caller.service, asked)

    return api
