"""What identity offers about links between accounts."""

from __future__ import annotations

from flask_core.contracts import identity
from flask_core.operations import Caller, Endpoints
from identity_core_module_flask.account_directory import AccountDirectory
from identity_core_module_flask.linking import Linking
from identity_core_module_flask.models import SeenAccount
from identity_core_module_flask.own_links import OwnLinks


def link_endpoints(linking: Linking, own: OwnLinks, directory: AccountDirectory) -> Endpoints:
    """Operations on links."""
    api = Endpoints()

    @api.offers(identity.RESOLVE)
    async def resolve(asked: identity.ResolveName, _: Caller) -> identity.Resolved:
        found = await directory.find(asked.platform, asked.text)
        return identity.Resolved(found.platform, found.user_id, found.login, found.display_name)

    @api.offers(identity.LINKS)
    async def links(_: identity.Nothing, caller: Caller) -> identity.LinkList:
        return await own.overview(caller.person.person_id)

    @api.offers(identity.START_LINK)
    async def start(asked: identity.StartLink, caller: Caller) -> identity.LinkCode:
        request, code = await linking.begin_in_portal(caller.person.person_id, asked.platform)
        return identity.LinkCode(request.id, request.platform, code, request.expires_at)

    @api.offers(identity.CONFIRM_LINK)
    async def confirm(asked: identity.RequestOf, caller: Caller) -> identity.LinkList:
        await linking.confirm(caller.person.person_id, asked.request_id)
        return await own.overview(caller.person.person_id)

    @api.offers(identity.DROP_LINK)
    async def drop(asked: identity.RequestOf, caller: Caller) -> None:
        await own.drop(caller.person.person_id, asked.request_id)

    @api.offers(identity.UNLINK)
    async def unlink(asked: identity.AccountKey, caller: Caller) -> None:
        await own.unlink(caller.person.person_id, SeenAccount(asked.platform, asked.user_id))

    return api
