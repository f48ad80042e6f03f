"""Signing in with Twitch, Discord or Slack, and linking an account there: the way out and the way back."""

from __future__ import annotations

from typing import Any, cast

from quart import Blueprint, Response, redirect, request

from flask_core.contracts import oauth
from flask_core.errors import ServiceError
from portal_module_flask.again import browser
from portal_module_flask.entering import enter
from portal_module_flask.pages import blueprint, go, page
from portal_module_flask.visits import Visit, door, looks, open_page, own_path, signed_in
from portal_module_flask.way_cookie import binding_of_browser, keep_binding, new_binding

_FINISHING = 20.0
_LONGEST = 2_000


def views() -> Blueprint:
    """/auth/<platform>/…"""
    pages = blueprint("platform_sign_in")

    @pages.get("/auth/<platform>/start")
    @open_page
    async def start(platform: str) -> Any:
        try:
            return await _away(platform, own_path(request.args.get("next")))
        except ServiceError as problem:
            return await _lost(problem, None)

    @pages.post("/auth/<platform>/start")
    @signed_in
    async def link(visit: Visit, platform: str) -> Any:
        try:
            return await _away(platform, "/me", visit)
        except ServiceError as problem:
            return await _lost(problem, visit)

    @pages.get("/auth/<platform>/callback")
    @open_page
    async def come_back(platform: str) -> Any:
        visit = await looks()
        state, code, error = (request.args.get(name, "")[:_LONGEST] for name in ("state", "code", "error"))
        asked = oauth.FinishOAuth(platform, state, binding_of_browser(), code, error, browser())
        try:
            done = await door().client.call(
                "identity", oauth.FINISH, asked, acting=visit.acting if visit else None, timeout=_FINISHING
            )
        except ServiceError as problem:
            return await _lost(problem, visit)
        if done.session is None:
            return go(f"{own_path(done.back)}?linked={platform}")
        return await enter(done.session, own_path(done.back))

    return pages


async def _away(platform: str, back: str, visit: Visit | None = None) -> Response:
    """Off to the platform; whoever has a visit links, everybody else signs in."""
    binding = new_binding()
    asked = oauth.StartOAuth(platform, binding, "link" if visit else "login", back, browser())
    begun = await door().client.call("identity", oauth.START, asked, acting=visit.acting if visit else None)
    return keep_binding(cast(Response, redirect(begun.url, 303)), binding)


async def _lost(problem: ServiceError, visit: Visit | None) -> Response:
    """Nothing was changed; going on there again would not help, beginning again does."""
    return await page("sign_in_lost", visit, status=problem.status, problem=problem)
