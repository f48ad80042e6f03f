"""The way of everything that Twitch tells: signature and age where it is posted, then kind, event, router."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec

from flask_core.auth import signature_matches, utc_now
from flask_core.datamodels import Event
from flask_core.errors import Forbidden, InvalidInput, NotFound
from flask_core.handover import Handover
from twitch_module_flask.channel_watch import ChannelWatch
from twitch_module_flask.chat_lines import CHAT, WHISPER, line_of, whisper_of
from twitch_module_flask.events import event_of
from twitch_module_flask.eventsub.notes import Notes
from twitch_module_flask.eventsub.once import Once
from twitch_module_flask.models import Notification
from twitch_module_flask.platform_roles import CHANGES, PlatformRoles
from twitch_module_flask.seen_back import SeenBack

log = logging.getLogger(__name__)

PREFIX = "twitch-eventsub-message-"
MOST_APART = timedelta(minutes=10)


class Receiver:
    """What Twitch posts is believed when it is signed with our secret and at most ten minutes old.

    What comes over a WebSocket that we opened needs no signature, and goes the same way from there on.
    """

    def __init__(
        self,
        secret: Callable[[], Awaitable[str]],
        handover: Handover,
        watch: ChannelWatch,
        roles: PlatformRoles,
        notes: Notes,
        once: Once,
        ignored: Callable[[str], None],
        *,
        seen_back: SeenBack,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._secret = secret
        self._handover = handover
        self._watch = watch
        self._roles = roles
        self._notes = notes
        self._once = once
        self._seen_back = seen_back
        self._ignored = ignored
        self._now = now
        self._decoder = msgspec.json.Decoder(dict[str, Any])

    async def receive(self, headers: Mapping[str, str], body: bytes) -> str | None:
        """Take a message (header names in lower case); the challenge to answer with, or None.

        Raises Forbidden for a wrong signature or age, InvalidInput for what is no message, NotFound for a challenge
        of nothing we asked for, and Unavailable when an event could not be kept: Twitch sends it again.
        """
        message = self._message(headers, body, await self._secret())
        if message.kind == "webhook_callback_verification":
            return await self._challenge(message)
        await self.take(message)
        return None

    async def take(self, message: Notification) -> None:
        """Take a notification or revocation, whichever way it came. Raises InvalidInput and Unavailable as above."""
        try:
            fits = isinstance(message.payload["subscription"]["type"], str)
        except (KeyError, TypeError):
            fits = False
        if not fits:
            raise InvalidInput("This is no EventSub message.")
        if message.kind == "revocation":
            try:
                await self._watch.revoked(message.payload["subscription"])
            except (KeyError, TypeError, AttributeError) as error:
                raise InvalidInput("A revocation has other fields.") from error
        elif message.kind == "notification":
            await self._notified(message)

    def _message(self, headers: Mapping[str, str], body: bytes, secret: str) -> Notification:
        message_id, said_at = headers.get(f"{PREFIX}id", ""), headers.get(f"{PREFIX}timestamp", "")
        signed = message_id.encode() + said_at.encode() + body
        if not message_id or not signature_matches(secret, signed, headers.get(f"{PREFIX}signature", "")):
            raise Forbidden("This message is not signed by Twitch.")
        try:
            at = datetime.fromisoformat(said_at)
            payload = self._decoder.decode(body)
        except ValueError as error:
            raise InvalidInput("This is no EventSub message.") from error
        if at.tzinfo is None:
            raise InvalidInput("This is no EventSub message.")
        if abs(self._now() - at) > MOST_APART:
            raise Forbidden("This message is too old.")
        return Notification(message_id, headers.get(f"{PREFIX}type", ""), at, payload)

    async def _challenge(self, message: Notification) -> str:
        challenge, subscription = message.payload.get("challenge"), message.payload.get("subscription")
        if not isinstance(challenge, str) or not isinstance(subscription, dict) or "type" not in subscription:
            raise InvalidInput("This is no EventSub message.")
        if not await self._watch.answered(subscription):
            raise NotFound("Nothing of ours waits for this challenge.")
        return challenge

    async def _notified(self, message: Notification) -> None:
        kind: str = message.payload["subscription"]["type"]
        if kind == CHAT:
            await self._line(message)
            return
        if await self._once.knows(message):
            return
        try:
            await self._happened(kind, message)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            self._ignored("other fields")
            raise InvalidInput(f"A {kind[:100]} has other fields.") from error
        await self._once.took(message)

    async def _line(self, message: Notification) -> None:
        scene = await self._watch.scene()
        try:
            line = line_of(message, scene.bots, scene.including)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            self._ignored("other fields")
            raise InvalidInput("A chat line has other fields.") from error
        if line is None:
            self._ignored("shared chat")
            return
        await self._handover.take(line)
        await self._watch.happened(line)
        await self._seen_back.heard(line)
        if "shared" not in line.data:
            await self._roles.spoke(line)

    async def _happened(self, kind: str, message: Notification) -> None:
        if kind in CHANGES:
            await self._watch.role_changed(await self._roles.changed(message))
        elif note := self._notes.kinds.get(kind):
            await note(message.payload["event"])
        elif event := await self._event(kind, message):
            await self._handover.take(event)
            await self._watch.happened(event)
        else:
            self._ignored("unknown type")
            log.info("nothing to do with a %s", kind[:100])

    async def _event(self, kind: str, message: Notification) -> Event | None:
        bots = (await self._watch.scene()).bots
        return whisper_of(message, bots) if kind == WHISPER else event_of(message, bots)
