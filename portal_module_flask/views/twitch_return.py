"""Where Twitch sends people back to: with a code, or with a no."""

from __future__ import annotations

from typing import Any

from quart import Blueprint, request

from flask_core.contracts import twitch
from flask_core.errors import Conflict, ServiceError
from portal_module_flask.pages import blueprint, go, page
from portal_module_flask.twitch_pages import OPERATOR, call, ended_page
from portal_module_flask.visits import Visit, signed_in


def views() -> Blueprint:
    """/connect/twitch/callback, as it stands in the application at Twitch."""
    pages = blueprint("twitch_return")

    @pages.get("/connect/twitch/callback")
    @signed_in
    async def come_back(visit: Visit) -> Any:
        given = request.args
        asked = twitch.FinishGrant(
            given.get("state", ""), visit.person.session_id, given.get("code", ""), given.get("error", "")
        )
        try:
            grant = await call(visit, twitch.FINISH_GRANT, asked)
        except Conflict as problem:
            if not problem.details.get("grant"):
                return await _lost(visit, problem)
            grant = await call(visit, twitch.GRANT, twitch.GrantId(problem.details["grant"]))
            return await ended_page(visit, grant, _base(grant), status=problem.status)
        except ServiceError as problem:
            return await _lost(visit, problem)
        if grant.state is twitch.GrantState.CONNECTED:
            return go(f"{_base(grant)}?connected={grant.login}")
        return await ended_page(visit, grant, _base(grant))

    return pages


def _base(grant: twitch.Grant) -> str:
    return f"/c/{grant.community_id}/platforms/twitch" if grant.community_id else OPERATOR


async def _lost(visit: Visit, problem: ServiceError) -> Any:
    """Nothing was connected; going back there again would not help, beginning again does."""
    return await page("twitch_lost", visit, status=problem.status, problem=problem)
