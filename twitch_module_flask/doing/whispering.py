"""Private lines: whispers, which Twitch takes without saying whether they arrive."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from flask_core.auth import utc_now
from flask_core.contracts.module import DeliveryStatus
from flask_core.delivering import Done, Partly, Refusal
from flask_core.errors import ServiceError, TooMany
from flask_core.shared_state import SharedState
from twitch_module_flask.doing.calls import Calls, refused
from twitch_module_flask.doing.rights import WHISPER, lacking
from twitch_module_flask.voices import Voice

PER_SECOND, PER_MINUTE, NEW_PER_DAY = 3, 100, 38
_DAY, _KNOWN = 86_400.0, 30 * 86_400.0
_BAD = 400
UNCONFIRMED = "Whispered; Twitch does not tell whether it arrived."
_ENOUGH = "The bot has whispered to as many new people today as Twitch allows."


class Whispering:
    """Always unconfirmed. Somebody who was whispered to in the last 30 days is not new."""

    def __init__(self, calls: Calls, shared: SharedState, now: Callable[[], datetime] = utc_now) -> None:
        self._calls = calls
        self._shared = shared
        self._now = now

    async def whisper(self, voice: Voice, user_id: str, lines: Sequence[str]) -> Done:
        """Whisper these lines. Raises TooMany within the limits, Refusal when the day's new people are used up."""
        if WHISPER.scope not in voice.bot_scopes:
            raise lacking(WHISPER)
        if user_id == voice.bot_id:
            raise Refusal("Nobody whispers to themselves.")
        await self._spend(voice, len(lines))
        await self._meet(voice, user_id)
        about = {"from_user_id": voice.bot_id, "to_user_id": user_id}
        for number, line in enumerate(lines):
            try:
                answer = await self._calls.make(WHISPER, voice, "POST", params=about, json={"message": line})
                if answer.status_code >= _BAD:
                    raise refused(answer)
            except ServiceError as error:
                raise Partly(("",) * number, error) from error
        return Done(reason=UNCONFIRMED, status=DeliveryStatus.UNCONFIRMED)

    async def _spend(self, voice: Voice, lines: int) -> None:
        for seconds, most in ((60.0, PER_MINUTE), (1.0, PER_SECOND)):
            key = f"twitch:whispers:{voice.bot_id}:{seconds:.0f}"
            wait = await self._shared.spend(key, capacity=most, per_seconds=seconds, amount=min(lines, most))
            if wait:
                raise TooMany("The bot has whispered as much as Twitch allows.", retry_after=wait)

    async def _meet(self, voice: Voice, user_id: str) -> None:
        known = f"twitch:whispered:{voice.bot_id}:{user_id}"
        if await self._shared.get(known) is None:
            today = f"twitch:new-whispers:{voice.bot_id}:{self._now():%Y-%m-%d}"
            if await self._shared.increment(today, _DAY) > NEW_PER_DAY:
                raise Refusal(_ENOUGH)
        await self._shared.set(known, b"1", _KNOWN)
