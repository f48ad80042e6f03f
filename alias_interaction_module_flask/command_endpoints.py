"""The operations on a community's own commands."""

from __future__ import annotations

import msgspec

from alias_interaction_module_flask.desk import Desk
from alias_interaction_module_flask.entry_listing import Wanted
from alias_interaction_module_flask.language import language
from alias_interaction_module_flask.views import editors_view, step, users_view
from flask_core.contracts import alias as contract
from flask_core.datamodels import Role
from flask_core.errors import Forbidden, NotFound, Stale
from flask_core.operations import Caller, Endpoints

MAX_PER_PAGE = 100
_TERMS = tuple(name for name in contract.PutOwn.__struct_fields__ if name not in {"community_id", "id", "version"})
_ADDED = tuple(name for name in _TERMS if name not in {"name", "body"})


def add_command_endpoints(api: Endpoints, desk: Desk) -> None:
    """Offer them."""
    entries = desk.entries

    @api.offers(contract.LIST)
    async def listed(asked: contract.ListOwn, caller: Caller) -> contract.OwnPage:
        return await _page(desk, asked, caller)

    @api.offers(contract.ADD)
    async def add(asked: contract.AddOwn, caller: Caller) -> contract.CommandView:
        by = await desk.members.acting(caller, asked.community_id)
        fields = {name: getattr(asked, name) for name in _ADDED if getattr(asked, name, None) is not None}
        fields.pop("kind", None)
        wish = await entries.wish(asked.community_id, asked.kind, asked.name, asked.body, **fields)
        return await desk.view(await entries.add(asked.community_id, wish, by))

    @api.offers(contract.GET)
    async def show(asked: contract.OwnOf, caller: Caller) -> contract.CommandView:
        entry = await entries.one(asked.community_id, asked.id)
        by = await desk.members.acting(caller, asked.community_id)
        if await entries.may_edit(asked.community_id, by):
            return await desk.view(entry)
        if entry.deleted_at is not None or not entry.what.enabled or entry.what.hidden or entry.what.role > by.role:
            raise NotFound("There is no such command.")
        return users_view(entry)

    @api.offers(contract.PUT)
    async def change(asked: contract.PutOwn, caller: Caller) -> contract.CommandView:
        by = await desk.members.acting(caller, asked.community_id)
        entry = await desk.kept(asked.community_id, asked.id)
        fields = {name: getattr(asked, name) for name in _TERMS if getattr(asked, name) is not None}
        try:
            return await desk.view(await entries.change(entry, by, version=asked.version, **fields))
        except Stale as stale:
            now = editors_view(await desk.kept(asked.community_id, asked.id))
            raise Stale(stale.message, current=msgspec.to_builtins(now)) from None

    @api.offers(contract.DELETE)
    async def remove(asked: contract.OwnOf, caller: Caller) -> None:
        by = await desk.members.acting(caller, asked.community_id)
        await entries.remove(await desk.kept(asked.community_id, asked.id), by)

    @api.offers(contract.RESTORE)
    async def restore(asked: contract.OwnOf, caller: Caller) -> contract.CommandView:
        by = await desk.members.acting(caller, asked.community_id)
        return await desk.view(await entries.restore(await entries.one(asked.community_id, asked.id), by))

    _add_reading(api, desk)


def _add_reading(api: Endpoints, desk: Desk) -> None:
    @api.offers(contract.HISTORY)
    async def history(asked: contract.OwnOf, _: Caller) -> contract.History:
        entry = await desk.entries.one(asked.community_id, asked.id)
        return contract.History(tuple(step(change) for change in await desk.entries.repository.history(entry.id)))

    @api.offers(contract.PREVIEW)
    async def preview(asked: contract.AskPreview, caller: Caller) -> contract.Preview:
        by = await desk.members.acting(caller, asked.community_id)
        if not await desk.entries.may_edit(asked.community_id, by):
            raise Forbidden("Only who may change commands can try texts.")
        return await desk.previews.of(asked)

    @api.offers(contract.LANGUAGE)
    async def words(asked: contract.AskLanguage, _: Caller) -> contract.Language:
        return language(asked.dialect)

    @api.offers(contract.EXPORT)
    async def export(asked: contract.CommunityId, _: Caller) -> contract.Exported:
        return await desk.export(asked.community_id)


async def _page(desk: Desk, asked: contract.ListOwn, caller: Caller) -> contract.OwnPage:
    per_page, page = min(max(1, asked.per_page), MAX_PER_PAGE), max(1, asked.page)
    edits = False
    if caller.acting is None:
        choices, _ = await desk.entries.settings.read(asked.community_id)
        if not choices.public_command_page:
            raise NotFound("This community does not show its commands to everybody.")
    else:
        by = await desk.members.acting(caller, asked.community_id)
        edits = await desk.entries.may_edit(asked.community_id, by)
    role = caller.role if caller.acting is not None else Role.VIEWER
    wanted = Wanted(
        asked.kind, asked.q, asked.enabled if edits else None, asked.source if edits else "",
        edits and asked.state == "bin", None if edits else role, page, per_page,
    )  # fmt: skip
    found, total = await desk.listing.page(asked.community_id, wanted)
    items = await desk.views(asked.community_id, found) if edits else [users_view(entry) for entry in found]
    return contract.OwnPage(tuple(items), page, per_page, total, edits)
