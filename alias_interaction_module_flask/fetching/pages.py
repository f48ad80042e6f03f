"""The door for programs that answer later: its address is the token."""

from __future__ import annotations

from urllib.parse import parse_qs

import msgspec
from quart import Blueprint, Response, request

from alias_interaction_module_flask.fetching.responses import PATH, Responses
from flask_core.api_utils import JSON, whole_body
from flask_core.errors import InvalidInput

MOST_BYTES = 8 * 1024


class Said(msgspec.Struct, frozen=True):
    """What a program sends as JSON."""

    message: str


def response_pages(responses: Responses) -> Blueprint:
    """`POST /api/v1/responses/{token}` with `message`, as a form or as JSON."""
    pages = Blueprint("responses", __name__)

    @pages.post(f"{PATH}<token>")
    async def answer(token: str) -> Response:
        left = await responses.take(token, _message(request.mimetype, await whole_body(MOST_BYTES)))
        return Response(msgspec.json.encode({"uses_left": left}), 202, content_type=JSON)

    return pages


def _message(media_type: str, body: bytes) -> str:
    try:
        if media_type.endswith("json"):
            return msgspec.json.decode(body, type=Said).message
        return parse_qs(body.decode(), max_num_fields=10).get("message", [""])[0]
    except (msgspec.DecodeError, ValueError):
        raise InvalidInput("Send a message, as a form or as JSON.", field="message") from None
