"""The address of the overlay that a playground shows beside the chat."""

from __future__ import annotations

from flask_core.contracts import browser_source
from flask_core.errors import ServiceError
from portal_module_flask.again import Modules
from portal_module_flask.visits import Visit


async def preview_address(client: Modules, visit: Visit, overlay_url: str) -> str | None:
    """Where the preview is; None while browser_source is away, so that the chat goes on without it."""
    assert visit.community is not None
    try:
        found = await client.call(
            "browser_source", browser_source.PREVIEW, browser_source.CommunityId(visit.community.id), timeout=3
        )
    except ServiceError:
        return None
    return f"{overlay_url}/overlay/{found.secret}"
