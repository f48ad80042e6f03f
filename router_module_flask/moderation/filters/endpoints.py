"""What the router offers others about filters."""

from __future__ import annotations

from flask_core.contracts import filters as contract
from flask_core.contracts.router import CommunityId
from flask_core.operations import Caller, Endpoints
from router_module_flask.moderation.filters.service import FilterService


def endpoints(service: FilterService) -> Endpoints:
    """Filters, offences and held messages."""
    api = Endpoints()

    @api.offers(contract.FILTERS)
    async def list_filters(asked: CommunityId, _: Caller) -> contract.FilterList:
        return await service.all(asked.community_id)

    @api.offers(contract.FILTER)
    async def show_filter(asked: contract.FilterOf, _: Caller) -> contract.Filter:
        return await service.one(asked.community_id, asked.name)

    @api.offers(contract.PUT_FILTER)
    async def put_filter(asked: contract.PutFilter, caller: Caller) -> contract.Filter:
        return await service.put(asked, caller.person.person_id)

    @api.offers(contract.TRY_TEXT)
    async def try_text(asked: contract.TryText, _: Caller) -> contract.Hits:
        return await service.preview(asked)

    @api.offers(contract.OFFENCES)
    async def list_offences(asked: contract.ListOffences, _: Caller) -> contract.OffencePage:
        return await service.offences(asked)

    @api.offers(contract.FORGIVE)
    async def forgive(asked: contract.OffenceOf, caller: Caller) -> None:
        await service.forgive(asked, caller.person.person_id)

    @api.offers(contract.HELD)
    async def list_held(asked: CommunityId, _: Caller) -> contract.HeldList:
        return await service.held(asked.community_id)

    @api.offers(contract.RELEASE)
    async def release(asked: contract.HeldOf, caller: Caller) -> None:
        await service.release(asked, caller.person.person_id)

    @api.offers(contract.DROP)
    async def drop(asked: contract.HeldOf, caller: Caller) -> None:
        await service.drop(asked, caller.person.person_id)

    return api
