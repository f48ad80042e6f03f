"""What browser_source offers other modules."""

from __future__ import annotations

from browser_source_core_module_flask.screens import Screens
from flask_core.auth import utc_now
from flask_core.contracts import browser_source as contract
from flask_core.contracts import module
from flask_core.errors import InvalidInput
from flask_core.operations import Caller, Endpoints


def endpoints(screens: Screens) -> Endpoints:
    """The operations of browser_source."""
    api = Endpoints()

    @api.offers(contract.DISPLAY)
    async def display(asked: contract.Displays, _: Caller) -> contract.DisplayAnswer:
        if not 1 <= len(asked.items) <= 100:
            raise InvalidInput("Send 1 to 100 things to show.")
        return await screens.show(asked.items)

    @api.offers(module.EVENTS)
    async def hear(asked: module.EventBatch, _: Caller) -> module.EventsTaken:
        return await screens.hear(asked)

    @api.offers(contract.OVERLAYS)
    async def overlays(asked: contract.CommunityId, _: Caller) -> contract.OverlayList:
        return await screens.listed(asked.community_id)

    @api.offers(contract.CREATE)
    async def create(asked: contract.CreateOverlay, _: Caller) -> contract.Overlay:
        name = asked.name.strip()
        if not 1 <= len(name) <= 64:
            raise InvalidInput("A name has 1 to 64 characters.", field="name")
        return await screens.overlays.create(asked.community_id, name, "live", utc_now())

    @api.offers(contract.DELETE)
    async def delete(asked: contract.OverlayOf, _: Caller) -> None:
        await screens.overlays.delete(asked.community_id, asked.overlay_id)

    @api.offers(contract.ADDRESS)
    async def address(asked: contract.OverlayOf, _: Caller) -> contract.Address:
        return await screens.address(asked.community_id, asked.overlay_id, asked.widget)

    @api.offers(contract.ROTATE)
    async def rotate(asked: contract.Rotate, _: Caller) -> contract.Address:
        return await screens.rotate(asked)

    @api.offers(contract.PREVIEW)
    async def preview(asked: contract.CommunityId, _: Caller) -> contract.Address:
        return await screens.preview(asked.community_id)

    @api.offers(contract.ITEMS)
    async def items(asked: contract.ListItems, _: Caller) -> contract.ItemList:
        found = await screens.items.listed(asked.community_id, asked.stage, asked.lane, asked.state)
        return contract.ItemList(tuple(found), await screens.runner.paused((asked.community_id, asked.stage)))

    @api.offers(contract.REPLAY)
    async def replay(asked: contract.ItemOf, _: Caller) -> contract.Done:
        return await screens.replay(asked.community_id, asked.number)

    @api.offers(contract.TEST)
    async def test(asked: contract.Test, _: Caller) -> contract.Done:
        return await screens.test(asked.community_id, asked.what, asked.stage)

    @api.offers(contract.CONTROL)
    async def control(asked: contract.Control, _: Caller) -> contract.Done:
        return await screens.control(asked)

    return api
