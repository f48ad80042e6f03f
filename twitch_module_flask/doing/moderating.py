"""Deletes, times out, bans, unbans and warns: as the bot, which has to be a moderator."""

from __future__ import annotations

import httpx

from flask_core.datamodels import Moderate
from flask_core.delivering import Done, Refusal
from flask_core.errors import InvalidInput
from twitch_module_flask.doing.calls import Calls, refused, said_by
from twitch_module_flask.doing.rights import BAN, DELETE, WARN
from twitch_module_flask.voices import Voice

LONGEST_SECONDS, LONGEST_REASON = 1_209_600, 500
_BAD, _NOT_FOUND, _CONFLICT = 400, 404, 409
_WARNING = "Please mind the rules of this chat."
_TRIES = 3


class Moderating:
    """What is so already is done."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    async def moderate(self, voice: Voice, action: Moderate) -> Done:
        """Do it. Raises Refusal with Twitch's reason, and what calls raise."""
        if action.operation == "delete":
            return await self._delete(voice, action.message_id)
        if not action.target:
            raise InvalidInput("Nobody is named.")
        if action.operation == "unban":
            return await self._unban(voice, action.target)
        if action.operation == "warn":
            return await self._warn(voice, action)
        return await self._ban(voice, action)

    async def _delete(self, voice: Voice, message_id: str) -> Done:
        if not message_id:
            # Without an id Twitch would delete everything.
            raise InvalidInput("No message is named.")
        answer = await self._calls.make(DELETE, voice, "DELETE", params={**_as(voice), "message_id": message_id})
        if answer.status_code == _NOT_FOUND:
            raise Refusal("This message is gone already, or older than six hours.")
        if answer.status_code >= _BAD:
            raise Refusal("Twitch deletes no messages of moderators or of the streamer.")
        return Done()

    async def _ban(self, voice: Voice, action: Moderate) -> Done:
        about: dict[str, str | int] = {"user_id": action.target, "reason": action.reason[:LONGEST_REASON]}
        if action.operation == "timeout":
            about["duration"] = min(max(action.seconds, 1), LONGEST_SECONDS)
        answer = await self._while_it_changes(voice, about)
        said = said_by(answer).lower()
        if answer.status_code == _BAD and "already banned" in said:
            return Done(reason="Banned already.")
        if answer.status_code == _BAD and "may not be banned" in said:
            raise Refusal("Twitch bans no moderators and not the streamer.")
        if answer.status_code >= _BAD:
            raise refused(answer)
        return Done()

    async def _while_it_changes(self, voice: Voice, about: dict[str, str | int]) -> httpx.Response:
        """Somebody else who bans the same person at this moment is let by."""
        for _ in range(_TRIES):
            answer = await self._calls.make(BAN, voice, "POST", params=_as(voice), json={"data": about})
            if answer.status_code != _CONFLICT:
                break
        return answer

    async def _unban(self, voice: Voice, target: str) -> Done:
        answer = await self._calls.make(BAN, voice, "DELETE", params={**_as(voice), "user_id": target})
        if answer.status_code == _BAD and "not banned" in said_by(answer).lower():
            return Done(reason="Was not banned.")
        if answer.status_code >= _BAD:
            raise refused(answer)
        return Done()

    async def _warn(self, voice: Voice, action: Moderate) -> Done:
        about = {"user_id": action.target, "reason": (action.reason.strip() or _WARNING)[:LONGEST_REASON]}
        answer = await self._calls.make(WARN, voice, "POST", params=_as(voice), json={"data": about})
        if answer.status_code >= _BAD:
            raise refused(answer)
        return Done()


def _as(voice: Voice) -> dict[str, str]:
    return {"broadcaster_id": voice.broadcaster_id, "moderator_id": voice.bot_id}
