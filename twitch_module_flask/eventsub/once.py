"""Takes every notification once, whichever way and however often it comes."""

from __future__ import annotations

import hashlib

import msgspec

from flask_core.shared_state import SharedState
from twitch_module_flask.models import Notification

_KEPT_SECONDS, _TWIN_SECONDS = 86_400.0, 60.0


class Once:
    """A message id counts for a day. Chat lines need no memory: their event id is the same on every way."""

    def __init__(self, shared: SharedState) -> None:
        self._shared = shared

    async def knows(self, message: Notification) -> bool:
        """Whether it was taken already, or its twin.

        While the transport changes, two subscriptions tell the same thing under different ids: the one that was
        first is heard.
        """
        if await self._shared.get(_key(message)) is not None:
            return True
        teller = await self._shared.get(_content(message))
        return teller is not None and teller != _teller(message)

    async def took(self, message: Notification) -> None:
        """It was accepted; only now, so that what could be kept nowhere may come again."""
        await self._shared.set(_key(message), b"1", _KEPT_SECONDS)
        await self._shared.set(_content(message), _teller(message), _TWIN_SECONDS)


def _key(message: Notification) -> str:
    return f"twitch:message:{message.message_id[:100]}"


def _content(message: Notification) -> str:
    said = msgspec.json.encode([message.payload["subscription"]["type"], message.payload.get("event")], order="sorted")
    return f"twitch:told:{hashlib.sha256(said).hexdigest()[:32]}"


def _teller(message: Notification) -> bytes:
    return str(message.payload["subscription"].get("id", "")).encode()
