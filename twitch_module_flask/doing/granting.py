"""Makes people VIPs and moderators, and ends that, with the streamer's own right."""

from __future__ import annotations

import httpx

from flask_core.contracts.module import DeliveryStatus
from flask_core.datamodels import GrantRole
from flask_core.delivering import Done, Refusal, Unsupported
from twitch_module_flask.doing.calls import Calls, refused, said_by
from twitch_module_flask.doing.rights import MODERATORS, VIPS, Right
from twitch_module_flask.voices import Voice

_BAD, _NO_PLACE, _TOO_EARLY, _UNFIT = 400, 409, 425, 422
_RIGHTS: dict[str, Right] = {"vip": VIPS, "moderator": MODERATORS}
NO_PLACE = "All VIP places are taken."


class Granting:
    """Somebody who has the role already is told as `held_before`, so that nobody takes away what was not given."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    async def grant(self, voice: Voice, action: GrantRole) -> Done:
        """Grant or revoke. Raises Unsupported for another role, Refusal with Twitch's reason."""
        right = _RIGHTS.get(action.role)
        if right is None:
            raise Unsupported(f"Twitch has no role called {action.role[:50]}.")
        method = "POST" if action.operation == "grant" else "DELETE"
        about = {"broadcaster_id": voice.broadcaster_id, "user_id": action.target}
        answer = await self._calls.make(right, voice, method, params=about)
        if answer.status_code < _BAD:
            return Done()
        if method == "DELETE" and "is not a" in said_by(answer).lower():
            return Done(reason="Had not got it.")
        if method == "POST" and "already" in said_by(answer).lower():
            return Done(reason="Had it before.", status=DeliveryStatus.HELD_BEFORE)
        raise _refused(answer)


def _refused(answer: httpx.Response) -> Exception:
    if answer.status_code == _NO_PLACE:
        return Refusal(NO_PLACE)
    if answer.status_code == _TOO_EARLY:
        return Refusal("This channel cannot have VIPs yet.")
    if answer.status_code == _UNFIT and "first remove" in said_by(answer).lower():
        return Refusal("Somebody cannot be VIP and moderator at once: end the one first.")
    return refused(answer)
