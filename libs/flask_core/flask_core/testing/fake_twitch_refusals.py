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


def permitted(twitch: FakeTwitch, request: web.Request, scope: str, user_id: str) -> str:
    """By whom something is done for `user_id`: "application", or the login. Raises Refused where the right lacks."""
    token = known(twitch, request)
    if token.user is None:
        if request.path.removeprefix("/helix") in twitch.application_refused:
            raise Refused(401, "This call takes a user access token")
        if not any(_grants(one, scope, user_id) for one in twitch.tokens.values()):
            raise Refused(403, "The user has not granted this to the application")
        return "application"
    if scope not in token.scopes:
        raise Refused(401, f"Missing scope: {scope}")
    if token.user.id != user_id:
        raise Refused(401, "The id in the request is not the one in the token")
    return token.user.login


def moderating(twitch: FakeTwitch, request: web.Request, scope: str) -> str:
    """As `permitted`, for the moderator that the request names; raises Refused for one who does not moderate there."""
    broadcaster, moderator = request.query["broadcaster_id"], request.query["moderator_id"]
    by = permitted(twitch, request, scope, moderator)
    if broadcaster != moderator and (broadcaster, moderator) not in twitch.moderators:
        raise Refused(403, "The user in moderator_id is not one of the broadcaster's moderators")
    return by


def _grants(token: Issued, scope: str, user_id: str) -> bool:
    return token.alive and token.user is not None and token.user.id == user_id and scope in token.scopes
