"""Nukes as operations."""

from __future__ import annotations

from flask_core.contracts import nukes as contract
from flask_core.operations import Caller, Endpoints
from router_module_flask.moderation.nukes.service import Nukes


def nuke_endpoints(nukes: Nukes) -> Endpoints:
    """`…/nukes`."""
    api = Endpoints()

    @api.offers(contract.NUKE)
    async def make(asked: contract.MakeNuke, caller: Caller) -> contract.Nuke:
        return await nukes.make(asked, caller.person.person_id)

    @api.offers(contract.NUKES)
    async def newest(asked: contract.ListNukes, _: Caller) -> contract.NukeList:
        return contract.NukeList(tuple(await nukes.newest(asked.community_id)))

    @api.offers(contract.UNDO)
    async def undo(asked: contract.NukeOf, caller: Caller) -> contract.Undone:
        return await nukes.undo(asked.community_id, asked.number, caller.person.person_id)

    return api
