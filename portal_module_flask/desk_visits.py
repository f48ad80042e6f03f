"""Who is at the desk: whoever is signed in, or came through a one-time link with a pass for nothing else."""

from __future__ import annotations

import functools
from typing import Any

from quart import Response, redirect, request

from flask_core.contracts import data_desk, identity
from flask_core.errors import Unauthenticated
from portal_module_flask.visits import View, Visit, comes_in, door, remember

DESK = "/me/data"
_COOKIE, _SECONDS = "waddlebot_desk", 900


def at_the_desk(view: View) -> View:
    """For people with a session or a pass; others are shown the way to sign in and back."""

    @functools.wraps(view)
    async def guarded(**in_path: Any) -> Any:
        visit = await comes_in() or await _by_pass()
        if visit is None:
            back = DESK if request.method == "GET" else "/"
            return redirect(f"/auth/sign-in?next={back.replace('/', '%2F')}")
        return await view(visit, **in_path)

    guarded.guard = "signed in"  # type: ignore[attr-defined]
    return guarded


async def _by_pass() -> Visit | None:
    secret = request.cookies.get(_COOKIE)
    if not secret:
        return None
    try:
        found = await door().client.call("identity", data_desk.VERIFY_PASS, data_desk.PassSecret(secret), timeout=3)
    except Unauthenticated:
        return None
    person = identity.SessionPerson(found.person_id, found.name, False, found.entered_at, "")
    return remember(Visit(person, ""))


def give_pass(response: Response, made: data_desk.DeskPass) -> Response:
    """Let the browser keep a pass; it is sent to the desk alone."""
    response.set_cookie(
        _COOKIE, made.secret, max_age=_SECONDS, secure=door().secure, httponly=True, samesite="Lax", path=DESK
    )
    return response
