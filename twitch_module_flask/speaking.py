"""Says what the router asks for: each delivery once, a channel's in order, within the bot's budget."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from flask_core.auth import utc_now
from flask_core.batching import Batcher
from flask_core.contracts.module import Delivery, DeliveryResult, DeliveryStatus, Priority
from flask_core.datamodels import Chat
from flask_core.errors import Forbidden, NotFound, ServiceError, TooMany, Unauthenticated, UnknownOutcome
from flask_core.shared_state import SharedState
from twitch_module_flask.helix import APPLICATION, Helix, SentLine
from twitch_module_flask.sending_repository import SendingRepository
from twitch_module_flask.voices import Voice, Voices
from twitch_module_flask.wording import lines_of

WINDOW_SECONDS = 30.0
KEPT_FOR_MODERATION = 0.1
_BETWEEN_PARTS = 0.5
_SERVER_ERROR = 500
_PAUSES = (0.5, 1.0)
KEPT = timedelta(hours=24)
_DROPPED = {
    "msg_duplicate": "Twitch refused it: the same was said less than 30 s ago.",
    "channel_settings": "Twitch refused it: the channel's settings do not let the bot write.",
    "automod_held": "AutoMod holds it until a moderator has looked.",
}


class Speaking:
    """`deliver` answers for each delivery what became of it; the same key never speaks twice."""

    def __init__(
        self,
        helix: Helix,
        voices: Voices,
        sendings: SendingRepository,
        shared: SharedState,
        *,
        parts: int,
        now: Callable[[], datetime] = utc_now,
        sleep: Callable[[float], Any] = asyncio.sleep,
    ) -> None:
        self._helix = helix
        self._voices = voices
        self._sendings = sendings
        self._shared = shared
        self._parts = parts
        self._now = now
        self._sleep = sleep
        self._begun: Batcher[str, DeliveryResult | bool] = Batcher(self._begin)
        self._ended: Batcher[tuple[str, DeliveryResult], None] = Batcher(self._end)

    async def deliver(self, deliveries: Sequence[Delivery]) -> list[DeliveryResult]:
        """One result per delivery, in order."""
        channels: dict[str, list[Delivery]] = {}
        for delivery in deliveries:
            channels.setdefault(delivery.channel, []).append(delivery)
        said = await asyncio.gather(*map(self._one_channel, channels.values()))
        results = {result.id: result for channel in said for result in channel}
        return [results[delivery.id] for delivery in deliveries]

    async def _one_channel(self, deliveries: list[Delivery]) -> list[DeliveryResult]:
        return [await self._once(delivery) for delivery in deliveries]

    async def _once(self, delivery: Delivery) -> DeliveryResult:
        action = delivery.action
        if not isinstance(action, Chat):
            kind = action.__struct_config__.tag
            return _unsupported(delivery, f"On Twitch the bot cannot do this yet: {kind}.")
        if action.private:
            return _unsupported(delivery, "On Twitch the bot does not whisper.")
        begun = await self._begun.add(delivery.idempotency_key)
        if isinstance(begun, DeliveryResult):
            # Its number may be another one: the key alone says that it is the same.
            return msgspec.structs.replace(begun, id=delivery.id)
        if not begun:
            return DeliveryResult(delivery.id, DeliveryStatus.UNKNOWN, reason="It was begun before; it may be there.")
        return await self._kept(delivery, await self._tried(delivery, action))

    async def _kept(self, delivery: Delivery, result: DeliveryResult) -> DeliveryResult:
        if result.status is DeliveryStatus.RATE_LIMITED:
            await self._sendings.take_back([delivery.idempotency_key])
        else:
            await self._ended.add((delivery.idempotency_key, result))
        return result

    async def _tried(self, delivery: Delivery, action: Chat) -> DeliveryResult:
        said: list[str] = []
        try:
            voice = await self._voices.of(delivery.channel)
            lines = lines_of(
                _addressed(action, delivery), time_zone=delivery.time_zone, most=self._parts,
                verbatim_start=action.verbatim_start,
            )  # fmt: skip
            await self._spend(voice, delivery, len(lines))
            for number, line in enumerate(lines):
                if number:
                    await self._sleep(_BETWEEN_PARTS)
                said.append(await self._say(voice, line, delivery.reply_to if action.reply else ""))
        except ServiceError as error:
            return _result_of(delivery, error, tuple(said))
        return DeliveryResult(delivery.id, DeliveryStatus.DONE, tuple(said))

    async def _spend(self, voice: Voice, delivery: Delivery, lines: int) -> None:
        keep = 0.0 if delivery.priority == Priority.MODERATION else voice.budget * KEPT_FOR_MODERATION
        wait = await self._shared.spend(
            f"twitch:budget:{voice.bot_id}:{'moderates' if voice.moderates else 'plain'}",
            capacity=voice.budget, per_seconds=WINDOW_SECONDS, amount=lines, keep=keep,
        )  # fmt: skip
        if wait:
            raise TooMany("The bot has said as much as Twitch allows.", retry_after=wait)

    async def _say(self, voice: Voice, text: str, reply_to: str) -> str:
        line: dict[str, Any] = {"broadcaster_id": voice.broadcaster_id, "sender_id": voice.bot_id, "message": text}
        if reply_to:
            line["reply_parent_message_id"] = reply_to
        sent = await self._with_patience(line, voice)
        if not sent.sent:
            raise Dropped(_DROPPED.get(sent.code, "Twitch refused to show it."), reason=sent.code)
        return sent.message_id

    async def _with_patience(self, line: dict[str, Any], voice: Voice) -> SentLine:
        for pause in (*_PAUSES, None):
            try:
                return await self._by_whom_it_may(line, voice)
            except ServiceError as error:
                if pause is None or error.details.get("status", 0) < _SERVER_ERROR:
                    raise
                await self._sleep(pause)
        raise AssertionError("the last try returns or raises")

    async def _by_whom_it_may(self, line: dict[str, Any], voice: Voice) -> SentLine:
        """With the application's token, which shows the badge, and where that does not suffice the account's."""
        try:
            return await self._helix.say({**line, "for_source_only": True}, by=APPLICATION)
        except Forbidden:
            return await self._helix.say(line, by=voice.bot_id)

    async def _begin(self, keys: list[str]) -> list[DeliveryResult | bool]:
        return await self._sendings.begin(keys, self._now())

    async def _end(self, results: list[tuple[str, DeliveryResult]]) -> list[None]:
        await self._sendings.end(results)
        return [None] * len(results)

    async def forget_old(self) -> None:
        """Forget results that the router does not ask about any more."""
        await self._sendings.forget(self._now() - KEPT)

    async def close(self) -> None:
        """Finish what is being written."""
        await self._begun.close()
        await self._ended.close()


class Dropped(Forbidden):
    """Twitch took the line and did not show it."""


def _addressed(action: Chat, delivery: Delivery) -> str:
    name = delivery.account.name if action.mention and delivery.account else ""
    return f"@{name} {action.text}" if name else action.text


def _unsupported(delivery: Delivery, reason: str) -> DeliveryResult:
    return DeliveryResult(delivery.id, DeliveryStatus.UNSUPPORTED, reason=reason)


def _result_of(delivery: Delivery, error: ServiceError, said: tuple[str, ...]) -> DeliveryResult:
    if isinstance(error, UnknownOutcome):
        status = DeliveryStatus.UNKNOWN
    elif isinstance(error, TooMany) and not said:
        return DeliveryResult(
            delivery.id, DeliveryStatus.RATE_LIMITED, reason=error.message, retry_after=error.retry_after or 1
        )
    elif isinstance(error, Unauthenticated | NotFound) or (
        isinstance(error, Forbidden) and not isinstance(error, Dropped)
    ):
        status = DeliveryStatus.NOT_PERMITTED
    else:
        status = DeliveryStatus.FAILED
    return DeliveryResult(delivery.id, status, said, reason=error.message)
