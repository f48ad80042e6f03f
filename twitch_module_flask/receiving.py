"""The way of a webhook message: signature, age, kind, event, router."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec

from flask_core.auth import signature_matches, utc_now
from flask_core.errors import Forbidden, InvalidInput, NotFound
from twitch_module_flask.channel_watch import ChannelWatch
from twitch_module_flask.chat_lines import CHAT, line_of
from twitch_module_flask.events import event_of
from twitch_module_flask.handover import Handover
from twitch_module_flask.models import Notification
from twitch_module_flask.platform_roles import CHANGES, PlatformRoles

log = logging.getLogger(__name__)

PREFIX = "twitch-eventsub-message-"
MOST_APART = timedelta(minutes=10)


class Receiver:
    """What Twitch sends is believed when it is signed with our secret and at most ten minutes old."""

    def __init__(
        self,
        secret: str,
        handover: Handover,
        watch: ChannelWatch,
        roles: PlatformRoles,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._secret = secret
        self._handover = handover
        self._watch = watch
        self._roles = roles
        self._now = now
        self._decoder = msgspec.json.Decoder(dict[str, Any])

    async def receive(self, headers: Mapping[str, str], body: bytes) -> str | None:
        """Take a message (header names in lower case); the challenge to answer with, or None.

        Raises Forbidden for a wrong signature or age, InvalidInput for what is no message, NotFound for a challenge
        of nothing we asked for, and Unavailable when an event could not be kept: Twitch sends it again.
        """
        message = self._message(headers, body)
        if message.kind == "webhook_callback_verification":
            return await self._challenge(message)
        if message.kind == "revocation":
            await self._watch.revoked(message.payload["subscription"])
        elif message.kind == "notification":
            await self._notified(message)
        return None

    def _message(self, headers: Mapping[str, str], body: bytes) -> Notification:
        message_id, said_at = headers.get(f"{PREFIX}id", ""), headers.get(f"{PREFIX}timestamp", "")
        signed = message_id.encode() + said_at.encode() + body
        if not message_id or not signature_matches(self._secret, signed, headers.get(f"{PREFIX}signature", "")):
            raise Forbidden("This message is not signed by Twitch.")
        try:
            at = datetime.fromisoformat(said_at)
            payload = self._decoder.decode(body)
            fits = isinstance(payload["subscription"]["type"], str)
        except (ValueError, KeyError, TypeError) as error:
            raise InvalidInput("This is no EventSub message.") from error
        if not fits or at.tzinfo is None:
            raise InvalidInput("This is no EventSub message.")
        if abs(self._now() - at) > MOST_APART:
            raise Forbidden("This message is too old.")
        return Notification(message_id, headers.get(f"{PREFIX}type", ""), at, payload)

    async def _challenge(self, message: Notification) -> str:
        challenge = message.payload.get("challenge")
        if not isinstance(challenge, str) or not await self._watch.answered(message.payload["subscription"]):
            raise NotFound("Nothing of ours waits for this challenge.")
        return challenge

    async def _notified(self, message: Notification) -> None:
        subscription: Any = message.payload["subscription"]
        kind: str = subscription["type"]
        try:
            if kind in CHANGES:
                await self._watch.role_changed(await self._roles.changed(message))
                return
            event = (line_of if kind == CHAT else event_of)(message, await self._watch.bots())
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise InvalidInput(f"A {kind} has other fields.") from error
        if event is None:
            log.info("nothing to do with a %s", kind)
            return
        await self._handover.take(event)
        await self._watch.happened(event)
        if kind == CHAT:
            await self._roles.spoke(event)
