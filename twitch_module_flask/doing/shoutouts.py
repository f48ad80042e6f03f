"""Twitch's own shoutouts, as often as Twitch allows them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from flask_core.auth import utc_now
from flask_core.delivering import Done, Refusal
from flask_core.errors import ServiceError, TooMany, UnknownOutcome
from twitch_module_flask.doing.calls import Calls, refused, said_by
from twitch_module_flask.doing.rights import SHOUT_OUT, lacking
from twitch_module_flask.doing.shoutout_repository import KEPT, ShoutoutRepository
from twitch_module_flask.voices import Voice

_BAD = 400


class Shoutouts:
    """Inside the window the answer is how many seconds to wait; who asked decides whether to."""

    def __init__(self, calls: Calls, repository: ShoutoutRepository, now: Callable[[], datetime] = utc_now) -> None:
        self._calls = calls
        self._repository = repository
        self._now = now

    async def give(self, voice: Voice, target_id: str) -> Done:
        """Recommend a channel. Raises TooMany with the seconds, Refusal with Twitch's reason, and what calls raise."""
        if SHOUT_OUT.scope not in voice.bot_scopes:
            raise lacking(SHOUT_OUT)
        now = self._now()
        wait = await self._repository.reserve(voice.broadcaster_id, target_id, now)
        if wait:
            raise TooMany("Twitch takes the next shoutout later.", retry_after=wait.total_seconds())
        try:
            await self._given(voice, target_id)
        except UnknownOutcome:
            raise
        except ServiceError:
            await self._repository.take_back(voice.broadcaster_id, target_id, now)
            raise
        return Done()

    async def _given(self, voice: Voice, target_id: str) -> None:
        about = {
            "from_broadcaster_id": voice.broadcaster_id, "to_broadcaster_id": target_id, "moderator_id": voice.bot_id,
        }  # fmt: skip
        answer = await self._calls.make(SHOUT_OUT, voice, "POST", params=about)
        if answer.status_code < _BAD:
            return
        if "not streaming" in said_by(answer).lower():
            raise Refusal("Twitch shows shoutouts while the stream is live only.")
        raise refused(answer)

    async def forget_old(self) -> None:
        """Forget what holds nobody back any more."""
        await self._repository.forget(self._now() - KEPT)
