"""The cookie that binds a way to a platform and back to one browser, signed in or not."""

from __future__ import annotations

from quart import Response, request

from flask_core.auth import new_secret
from portal_module_flask.visits import door

_PLAIN, _SECURE = "waddlebot_way", "__Host-waddlebot-way"
_SECONDS = 600


def binding_of_browser() -> str:
    """What only this browser has, "" before it set out."""
    return request.cookies.get(_name(), "")


def new_binding() -> str:
    """The same for all ways under way, so that a second tab does not end the first one's."""
    return binding_of_browser() or new_secret()


def keep_binding(response: Response, binding: str) -> Response:
    """Let the browser have it until the way is over."""
    response.set_cookie(
        _name(), binding, max_age=_SECONDS, secure=door().secure, httponly=True, samesite="Lax", path="/"
    )
    return response


def _name() -> str:
    return _SECURE if door().secure else _PLAIN
