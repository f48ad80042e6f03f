"""Where Slack posts events, commands and clicks, when it does not use a socket."""

from __future__ import annotations

import msgspec
from quart import Blueprint, Response, request

from flask_core.api_utils import error_response, whole_body
from flask_core.errors import InvalidInput, TooLarge
from slack_module_flask.receiving import Receiver

PATH = "/api/v1/webhooks/slack"
MOST_BYTES = 1024 * 1024


def webhook(receiver: Receiver) -> Blueprint:
    """The page that needs no token: its messages are signed."""
    pages = Blueprint("webhook", __name__)

    @pages.post(PATH)
    async def deliveries() -> Response:
        headers = {name.lower(): value for name, value in request.headers}
        try:
            answer = await receiver.receive(headers, await whole_body(MOST_BYTES))
        except (InvalidInput, TooLarge) as refused:
            # It would be no better the next time.
            response = error_response(refused)
            response.headers["X-Slack-No-Retry"] = "1"
            return response
        if not answer:
            return Response(status=200)
        return Response(msgspec.json.encode(answer), content_type="application/json")

    return pages
