"""Says what the router asks for in chat: in parts, within the bot's budget, plainly or as an announcement."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from typing import Any

from flask_core.contracts.module import Delivery, Priority
from flask_core.datamodels import Chat
from flask_core.delivering import Done, Partly, Refusal
from flask_core.errors import Forbidden, ServiceError, TooMany, UpstreamFailed
from flask_core.shared_state import SharedState
from twitch_module_flask.doing.calls import Calls, refused
from twitch_module_flask.doing.rights import ANNOUNCE, SAY
from twitch_module_flask.doing.whispering import Whispering
from twitch_module_flask.helix import APPLICATION, Helix, SentLine
from twitch_module_flask.voices import Voice
from twitch_module_flask.wording import LONGEST, halves, lines_of, varied

WHISPERS = "twitch:dm:"
WINDOW_SECONDS = 30.0
KEPT_FOR_MODERATION = 0.1
_BETWEEN_PARTS = 0.5
PLAIN_SECONDS = 1.0
"""Between any two lines in a channel of whoever does not moderate there."""
_SERVER_ERROR, _BAD = 500, 400
_PAUSES = (0.5, 1.0)
_TOO_LONG = "msg_too_long"
COLORS = frozenset({"blue", "green", "orange", "purple"})
_DROPPED = {
    "msg_duplicate": "Twitch refused it: the same was said less than 30 s ago.",
    "channel_settings": "Twitch refused it: the channel's settings do not let the bot write.",
    "automod_held": "AutoMod holds it until a moderator has looked.",
}


class Speaking:
    """A text becomes at most `parts` lines."""

    def __init__(
        self,
        helix: Helix,
        calls: Calls,
        whispering: Whispering,
        shared: SharedState,
        *,
        parts: int,
        sleep: Callable[[float], Any] = asyncio.sleep,
    ) -> None:
        self._helix = helix
        self._calls = calls
        self._whispering = whispering
        self._shared = shared
        self._parts = parts
        self._sleep = sleep

    async def say(self, voice: Voice, delivery: Delivery, action: Chat) -> Done:
        """Say it. Raises Partly when only some lines were said, TooMany, Refusal, and what calls raise."""
        lines = lines_of(
            _addressed(action, delivery, voice), time_zone=delivery.time_zone, most=min(self._parts, voice.parts),
            verbatim_start=action.verbatim_start,
        )  # fmt: skip
        if action.private or delivery.channel.startswith(WHISPERS):
            return await self._whisper(voice, delivery, lines)
        await self._turn(voice, len(lines))
        await self._spend(voice, delivery, len(lines))
        said: list[str] = []
        for number, line in enumerate(lines):
            try:
                if number:
                    await self._sleep(_between(voice))
                said += await self._one(voice, line, delivery, action)
            except ServiceError as error:
                raise Partly(tuple(said), error) from error
        return Done(tuple(said))

    async def _whisper(self, voice: Voice, delivery: Delivery, lines: list[str]) -> Done:
        direct = delivery.channel.removeprefix(WHISPERS) if delivery.channel.startswith(WHISPERS) else ""
        to = direct or (delivery.account.user_id if delivery.account else "")
        if not to:
            raise Refusal("Nobody is named to whisper to.")
        return await self._whispering.whisper(voice, to, lines)

    async def budget_left(self, voice: Voice) -> int:
        """How many lines the bot may say at once now."""
        wait = await self._shared.spend(
            voice.budget_key, capacity=voice.budget, per_seconds=WINDOW_SECONDS, amount=0, keep=voice.budget
        )
        return max(0, int(voice.budget - wait * voice.budget / WINDOW_SECONDS + 0.001))

    async def _turn(self, voice: Voice, lines: int) -> None:
        """Nobody's next line is refused by Twitch for coming within a second of these."""
        wait = 0.0 if voice.moderates else await self._shared.cooldown([(_pace(voice), lines * PLAIN_SECONDS)])
        if wait:
            raise TooMany("Who does not moderate says one line per second here.", retry_after=wait)

    async def _spend(self, voice: Voice, delivery: Delivery, lines: int) -> None:
        keep = 0.0 if delivery.priority == Priority.MODERATION else voice.budget * KEPT_FOR_MODERATION
        wait = await self._shared.spend(
            voice.budget_key, capacity=voice.budget, per_seconds=WINDOW_SECONDS, amount=lines, keep=keep
        )
        if wait:
            await self._shared.refund(_pace(voice))
            raise TooMany("The bot has said as much as Twitch allows.", retry_after=wait)

    async def _one(self, voice: Voice, text: str, delivery: Delivery, action: Chat) -> list[str]:
        if action.style == "announce":
            await self._announce(voice, text, action.color)
            return [""]
        reply_to = delivery.reply_to if action.reply and voice.reply_style == "reply" else ""
        text = await self._new(voice, text)
        try:
            return [await self._say(voice, text, reply_to)]
        except Dropped as dropped:
            if dropped.details.get("reason") != _TOO_LONG or len(text) <= LONGEST // 2:
                raise
        # What Twitch counts as a character is not documented: half as many are few enough however it counts.
        said: list[str] = []
        for half in halves(text):
            if said:
                await self._sleep(_between(voice))
            said.append(await self._say(voice, half, reply_to))
        return said

    async def announce_text(self, voice: Voice, text: str, color: str) -> None:
        """Announce at somebody's wish from elsewhere. Raises as `say` does."""
        delivery = Delivery(0, "", "", Chat(text, style="announce", color=color), voice.community_id)
        await self.say(voice, delivery, Chat(text, style="announce", color=color))

    async def _announce(self, voice: Voice, text: str, color: str) -> None:
        about = {"broadcaster_id": voice.broadcaster_id, "moderator_id": voice.bot_id}
        line = {"message": text, **({"color": color} if color in COLORS else {})}
        answer = await self._calls.make(ANNOUNCE, voice, "POST", params=about, json=line)
        if answer.status_code >= _BAD:
            raise refused(answer)

    async def _new(self, voice: Voice, text: str) -> str:
        """Whoever does not moderate says nothing twice within half a minute: a repetition looks the same and is not."""
        if voice.moderates:
            return text
        digest = hashlib.blake2b(text.encode(), digest_size=12).hexdigest()
        said = await self._shared.increment(
            f"twitch:said:{voice.bot_id}:{voice.broadcaster_id}:{digest}", WINDOW_SECONDS
        )
        return varied(text, said - 1)

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
            except UpstreamFailed as error:
                if pause is None or error.details.get("status", 0) < _SERVER_ERROR:
                    raise
                await self._sleep(pause)
        raise AssertionError("the last try returns or raises")

    async def _by_whom_it_may(self, line: dict[str, Any], voice: Voice) -> SentLine:
        """With the application's token, which shows the badge, and where that does not suffice the account's."""
        if self._calls.application_first(SAY, voice.bot_id):
            try:
                return await self._helix.say({**line, "for_source_only": True}, by=APPLICATION)
            except Forbidden:
                sent = await self._helix.say(line, by=voice.bot_id)
                self._calls.remember(SAY, voice.bot_id)
                return sent
        return await self._helix.say(line, by=voice.bot_id)


class Dropped(Refusal):
    """Twitch took the line and did not show it."""


def _between(voice: Voice) -> float:
    """How long a part waits for the part before it."""
    return _BETWEEN_PARTS if voice.moderates else max(_BETWEEN_PARTS, PLAIN_SECONDS)


def _pace(voice: Voice) -> str:
    return f"twitch:pace:{voice.bot_id}:{voice.broadcaster_id}"


def _addressed(action: Chat, delivery: Delivery, voice: Voice) -> str:
    """With the name of who is answered, where the channel chose mentions in place of Twitch's replies."""
    mention = action.mention or (action.reply and bool(delivery.reply_to) and voice.reply_style == "mention")
    name = delivery.account.name if mention and delivery.account and not action.private else ""
    return f"@{name} {action.text}" if name else action.text
