"""What the router offers about a community's names."""

from __future__ import annotations

from flask_core.contracts import names
from flask_core.operations import Caller, Endpoints
from router_module_flask.names.naming import Naming


def names_endpoints(naming: Naming) -> Endpoints:
    """Own commands and choices."""
    api = Endpoints()

    @api.offers(names.PUT_DYNAMIC)
    async def replace(asked: names.DynamicCommands, caller: Caller) -> names.DynamicState:
        return await naming.replace(asked, caller.service)

    @api.offers(names.CHECK_NAMES)
    async def check(asked: names.NamesAsked, _: Caller) -> names.NamesTaken:
        return await naming.check(asked)

    @api.offers(names.DYNAMIC_VERSIONS)
    async def versions(_: names.Nothing, __: Caller) -> names.DynamicVersions:
        return names.DynamicVersions(await naming.versions())

    @api.offers(names.GROUPS)
    async def groups(asked: names.CommunityId, _: Caller) -> names.GroupList:
        return await naming.groups(asked.community_id)

    @api.offers(names.CHOOSE)
    async def choose(asked: names.ChooseModule, caller: Caller) -> names.Group:
        actor = caller.acting.person_id if caller.acting else caller.service
        return await naming.choose(asked, actor)

    return api
