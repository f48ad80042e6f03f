"""How the fake Twitch says no, and to whom it listens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    from flask_core.testing.fake_twitch import FakeTwitch, Issued

CLIENT_ID, CLIENT_SECRET = "fake-client", "fake-client-secret"


class Refused(Exception):
    """Twitch says no, with a status and its word for it."""

    def __init__(self, status: int, word: str) -> None:
        super().__init__(word)
        self.status = status
        self.word = word


def known(twitch: FakeTwitch, request: web.Request, scheme: str = "Bearer ") -> Issued:
    """The token that a request carries; raises Refused for none or one that is over."""
    said = request.headers.get("Authorization", "")
    token = twitch.tokens.get(said.removeprefix(scheme)) if said.startswith(scheme) else None
    if token is None or not token.alive:
        raise Refused(401, "invalid access token")
    if scheme == "Bearer " and request.headers.get("Client-Id") != CLIENT_ID:
        raise Refused(401, "Client ID and OAuth token do not match")
    return token


def application_only(twitch: FakeTwitch, request: web.Request) -> None:
    """Raises Refused for anybody's token but the application's."""
    if known(twitch, request).user is not None:
        raise Refused(401, "This needs the application's token")
