"""What the portal and admins' programs ask about imports."""

from __future__ import annotations

import time
from collections.abc import Sequence

from alias_interaction_module_flask.imports.choosing import wish_of
from alias_interaction_module_flask.imports.importing import Importing
from alias_interaction_module_flask.imports.models import KeptRow
from alias_interaction_module_flask.imports.views import row_view
from flask_core.contracts import alias_imports as contract
from flask_core.operations import Caller, Endpoints

MOST_PER_PAGE = 100
_PATIENCE = 2.0


def import_endpoints(importing: Importing) -> Endpoints:
    """All of them are for admins."""
    api = Endpoints()
    _beginning(api, importing)
    _deciding(api, importing)
    return api


def _beginning(api: Endpoints, importing: Importing) -> None:
    @api.offers(contract.LIST)
    async def listed(asked: contract.ImportsOf, _: Caller) -> contract.ImportList:
        return await importing.listed(asked.community_id)

    @api.offers(contract.START)
    async def start(asked: contract.StartImport, caller: Caller) -> contract.ImportView:
        return await importing.view(await importing.start(asked, caller))

    @api.offers(contract.CONNECT)
    async def connect(asked: contract.ImportsOf, caller: Caller) -> contract.ConnectUrl:
        return contract.ConnectUrl(await importing.connecting.start(asked.community_id, caller.person.person_id))

    @api.offers(contract.FINISH)
    async def finish(asked: contract.FinishConnect, caller: Caller) -> contract.Begun:
        one = await importing.finish(asked, caller)
        return contract.Begun(one.community_id, one.id)

    @api.offers(contract.GET)
    async def show(asked: contract.ImportOf, _: Caller) -> contract.ImportView:
        return await importing.view(await importing.one(asked.community_id, asked.import_id))


def _deciding(api: Endpoints, importing: Importing) -> None:
    @api.offers(contract.ROWS)
    async def rows(asked: contract.ListRows, _: Caller) -> contract.RowPage:
        one = await importing.one(asked.community_id, asked.import_id)
        page, per_page = max(1, asked.page), min(max(1, asked.per_page), MOST_PER_PAGE)
        found, total = await importing.rows.page(
            one.id, status=asked.status, kind=asked.kind, page=page, per_page=per_page
        )  # fmt: skip
        return contract.RowPage(await _all_shown(importing, found), page, per_page, total)

    @api.offers(contract.CHOOSE)
    async def choose(asked: contract.ChooseRow, _: Caller) -> contract.RowView:
        one = await importing.one(asked.community_id, asked.import_id)
        return await _shown(importing, await importing.choosing.choose(one, asked))

    @api.offers(contract.CHOOSE_ALL)
    async def choose_all(asked: contract.ChooseAll, _: Caller) -> contract.ImportView:
        one = await importing.one(asked.community_id, asked.import_id)
        await importing.choosing.choose_all(one, asked)
        return await importing.view(one)

    @api.offers(contract.APPLY)
    async def apply(asked: contract.ImportOf, caller: Caller) -> contract.ImportView:
        await importing.apply(await importing.one(asked.community_id, asked.import_id), caller)
        return await importing.view(await importing.one(asked.community_id, asked.import_id))

    @api.offers(contract.UNDO)
    async def undo(asked: contract.ImportOf, caller: Caller) -> contract.ImportView:
        await importing.undo(await importing.one(asked.community_id, asked.import_id), caller)
        return await importing.view(await importing.one(asked.community_id, asked.import_id))


async def _all_shown(importing: Importing, rows: Sequence[KeptRow]) -> tuple[contract.RowView, ...]:
    """Scripts of strangers may take their time; then the rows behind them come without samples."""
    until, shown = time.monotonic() + _PATIENCE, []
    for row in rows:
        shown.append(await _shown(importing, row) if time.monotonic() < until else row_view(row))
    return tuple(shown)


async def _shown(importing: Importing, row: KeptRow) -> contract.RowView:
    wish = wish_of(row.becomes)
    return row_view(row, () if wish is None else await importing.samples.of(wish, importing.now()))
