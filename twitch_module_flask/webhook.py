"""Where Twitch's notifications arrive."""

from __future__ import annotations

from quart import Blueprint, Response, request

from flask_core.api_utils import whole_body
from twitch_module_flask.receiving import Receiver

PATH = "/api/v1/webhooks/eventsub"
MOST_BYTES = 1024 * 1024


def webhook(receiver: Receiver) -> Blueprint:
    """The page that needs no token: its messages are signed."""
    pages = Blueprint("webhook", __name__)

    @pages.post(PATH)
    async def eventsub() -> Response:
        headers = {name.lower(): value for name, value in request.headers}
        challenge = await receiver.receive(headers, await whole_body(MOST_BYTES))
        if challenge is None:
            return Response(status=204)
        return Response(challenge, content_type="text/plain")

    return pages
