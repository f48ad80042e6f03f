"""The way of a delivery over HTTPS: age, signature, kind; then as over a socket."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qs

import msgspec

from flask_core.auth import signature_matches
from flask_core.errors import InvalidInput, Unauthenticated, Unavailable
from slack_module_flask.intake import Intake

MOST_APART = 300
FORM = "application/x-www-form-urlencoded"
_decoder = msgspec.json.Decoder(dict[str, Any])


class Receiver:
    """What Slack posts is believed when it is signed with our secret and at most five minutes old."""

    def __init__(self, secret: str, intake: Intake, now: Callable[[], float] = time.time) -> None:
        self._secret = secret
        self._intake = intake
        self._now = now

    async def receive(self, headers: Mapping[str, str], body: bytes) -> dict[str, Any]:
        """Take a delivery (header names in lower case); what to answer, empty for a bare 200.

        Raises Unauthenticated for a wrong signature or age, InvalidInput for what is no delivery, and Unavailable
        when it could not be kept: Slack sends it again.
        """
        if not self._secret:
            raise Unavailable("Slack is not connected here.")
        self._believe(headers, body)
        kind, payload = read(headers.get("content-type", ""), body)
        if payload.get("type") == "url_verification":
            return {"challenge": str(payload.get("challenge", ""))}
        if kind == "ssl_check":
            return {}
        return await self._intake.take(kind, payload, again=bool(headers.get("x-slack-retry-num")))

    def _believe(self, headers: Mapping[str, str], body: bytes) -> None:
        stamp = headers.get("x-slack-request-timestamp", "")
        if not stamp.isascii() or not stamp.isdecimal() or abs(self._now() - int(stamp)) > MOST_APART:
            raise Unauthenticated("This delivery is too old, or says no time.")
        signed = f"v0:{stamp}:".encode() + body
        if not signature_matches(self._secret, signed, headers.get("x-slack-signature", ""), prefix="v0="):
            raise Unauthenticated("This delivery is not signed by Slack.")


def read(content_type: str, body: bytes) -> tuple[str, dict[str, Any]]:
    """Which of Socket Mode's kinds it is, and its payload."""
    try:
        if not content_type.startswith(FORM):
            return "events_api", _decoder.decode(body)
        fields = {name: values[0] for name, values in parse_qs(body.decode(), keep_blank_values=True).items()}
        if "payload" in fields:
            return "interactive", _decoder.decode(fields["payload"])
    except (ValueError, msgspec.DecodeError) as error:
        raise InvalidInput("This is no delivery of Slack's.") from error
    return ("ssl_check" if fields.get("ssl_check") else "slash_commands"), dict(fields)
