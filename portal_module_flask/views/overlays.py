"""Overlays: addresses for OBS, a test bar, the queue with its controls."""

from __future__ import annotations

import asyncio
from typing import Any

from quart import Blueprint

from flask_core.contracts import browser_source as overlay
from flask_core.datamodels import Role
from flask_core.errors import InvalidInput
from portal_module_flask.pages import blueprint, field, go, page
from portal_module_flask.visits import Visit, door, members

TESTS = ("follow", "subscription", "subgift", "cheer", "raid", "donation", "ticker", "card")
_ACTS = ("pause", "resume", "skip", "clear")


def views(overlay_url: str) -> Blueprint:
    """Pages under /c/<community>/overlays."""
    pages = blueprint("overlays")

    @pages.get("/c/<int:community_id>/overlays")
    @members(Role.MODERATOR)
    async def show(visit: Visit) -> Any:
        return await _page(visit, overlay_url)

    @pages.post("/c/<int:community_id>/overlays")
    @members(Role.ADMIN)
    async def create(visit: Visit) -> Any:
        here = _here(visit)
        await _call(visit, overlay.CREATE, overlay.CreateOverlay(here, await field("name")))
        return go(f"/c/{here}/overlays")

    @pages.post("/c/<int:community_id>/overlays/<int:overlay_id>/address")
    @members(Role.ADMIN)
    async def address(visit: Visit, overlay_id: int) -> Any:
        asked = overlay.OverlayOf(_here(visit), overlay_id, await field("widget") or "all")
        return await _page(visit, overlay_url, shown=await _call(visit, overlay.ADDRESS, asked), shown_for=asked)

    @pages.post("/c/<int:community_id>/overlays/<int:overlay_id>/rotate")
    @members(Role.OWNER)
    async def rotate(visit: Visit, overlay_id: int) -> Any:
        asked = overlay.Rotate(_here(visit), overlay_id, await field("widget") or "all", await field("now") == "yes")
        return await _page(visit, overlay_url, shown=await _call(visit, overlay.ROTATE, asked), shown_for=asked)

    @pages.post("/c/<int:community_id>/overlays/<int:overlay_id>/delete")
    @members(Role.ADMIN)
    async def delete(visit: Visit, overlay_id: int) -> Any:
        await _call(visit, overlay.DELETE, overlay.OverlayOf(_here(visit), overlay_id))
        return go(f"/c/{_here(visit)}/overlays")

    @pages.post("/c/<int:community_id>/overlays/test")
    @members(Role.MODERATOR)
    async def test(visit: Visit) -> Any:
        done = await _call(visit, overlay.TEST, overlay.Test(_here(visit), await field("what")))
        return await _page(visit, overlay_url, said=done.said)

    @pages.post("/c/<int:community_id>/overlays/control")
    @members(Role.MODERATOR)
    async def control(visit: Visit) -> Any:
        act = await field("act")
        if act not in _ACTS:
            raise InvalidInput(f"Choose one of: {', '.join(_ACTS)}.")
        asked = overlay.Control(_here(visit), act, await field("lane"))  # type: ignore[arg-type]
        return await _page(visit, overlay_url, said=(await _call(visit, overlay.CONTROL, asked)).said)

    @pages.post("/c/<int:community_id>/overlays/items/<int:number>/replay")
    @members(Role.MODERATOR)
    async def replay(visit: Visit, number: int) -> Any:
        done = await _call(visit, overlay.REPLAY, overlay.ItemOf(_here(visit), number))
        return await _page(visit, overlay_url, said=done.said)

    return pages


def _here(visit: Visit) -> int:
    assert visit.community is not None
    return visit.community.id


async def _call(visit: Visit, operation: Any, request: Any) -> Any:
    return await door().client.call("browser_source", operation, request, acting=visit.acting)


async def _page(visit: Visit, overlay_url: str, *, said: str = "", shown: Any = None, shown_for: Any = None) -> Any:
    overlays, items = await asyncio.gather(
        _call(visit, overlay.OVERLAYS, overlay.CommunityId(_here(visit))),
        _call(visit, overlay.ITEMS, overlay.ListItems(_here(visit))),
    )
    return await page(
        "overlays", visit, overlays=overlays.items, queue=items, tests=TESTS, said=said, shown=shown,
        shown_for=shown_for, overlay_url=overlay_url,
    )  # fmt: skip
