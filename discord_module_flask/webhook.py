"""Where Discord posts interactions when it is told to: believed when they are signed and fresh."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from quart import Blueprint, Response, request
from werkzeug.datastructures import Headers

from discord_module_flask.interactions import Interactions
from flask_core.api_utils import JSON, whole_body
from flask_core.errors import InvalidInput, NotFound, Unauthenticated

log = logging.getLogger(__name__)

PATH = "/api/v1/webhooks/interactions"
MOST_APART, MOST_BYTES = 300.0, 256 * 1024
_SIGNATURE, _TIMESTAMP = "X-Signature-Ed25519", "X-Signature-Timestamp"


class Door:
    """Lets in what Discord signed with the application's key within the last five minutes."""

    def __init__(self, public_key: str, now: Callable[[], float] = time.time) -> None:
        self._key = _key_of(public_key)
        self._now = now

    def opened(self, headers: Headers, body: bytes) -> dict[str, Any]:
        """The interaction. Raises Unauthenticated for anything else, NotFound where nobody set a key."""
        if self._key is None:
            raise NotFound("Interactions come over the gateway here.")
        timestamp = headers.get(_TIMESTAMP, "")
        try:
            self._key.verify(bytes.fromhex(headers.get(_SIGNATURE, "")), timestamp.encode() + body)
            fresh = abs(self._now() - int(timestamp)) <= MOST_APART
        except (InvalidSignature, ValueError):
            raise Unauthenticated("This is not signed by Discord.") from None
        if not fresh:
            raise Unauthenticated("This is too old.")
        try:
            said = json.loads(body)
        except ValueError:
            raise InvalidInput("This is no interaction.") from None
        if not isinstance(said, dict) or not isinstance(said.get("type"), int):
            raise InvalidInput("This is no interaction.")
        return said


def _key_of(text: str) -> Ed25519PublicKey | None:
    """The key, or None for what is none: nothing is let in then."""
    try:
        return Ed25519PublicKey.from_public_bytes(bytes.fromhex(text))
    except ValueError:
        if text:
            log.error("DISCORD_PUBLIC_KEY is no key: it has 64 hexadecimal digits")
        return None


def webhook(door: Door, interactions: Interactions) -> Blueprint:
    """The page that needs no token: what comes here is signed."""
    pages = Blueprint("webhook", __name__)

    @pages.post(PATH)
    async def interaction() -> Response:
        said = door.opened(request.headers, await whole_body(MOST_BYTES))
        try:
            answer, _ = await interactions.answer(said)
        except (KeyError, TypeError, ValueError) as error:
            raise InvalidInput("This interaction has other fields than Discord's.") from error
        return Response(json.dumps(answer), content_type=JSON)

    return pages
