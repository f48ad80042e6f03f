"""Answers to interactions: the first edits what was shown at once, later ones follow it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from discord_module_flask.events import made_at
from discord_module_flask.messages import Body, as_sent
from discord_module_flask.rest import Rest
from flask_core.auth import utc_now
from flask_core.encryption import Sealer
from flask_core.errors import NotFound
from flask_core.shared_state import SharedState

INTERACTION = "interaction:"
"""What stands before an interaction's id where a message's id would stand."""
TOKEN_SECONDS = 900.0
WAITING = "I will answer as soon as I can."
_ALONE = "The answer is for you alone."
EPHEMERAL = 1 << 6
_YOUNG, _EARLY = timedelta(seconds=5), 0.5
_CALLBACK = "/interactions/{webhook_id}/{webhook_token}/callback"
_FOLLOW = "/webhooks/{webhook_id}/{webhook_token}"
_ORIGINAL = f"{_FOLLOW}/messages/@original"


class _Known(NamedTuple):
    """How an interaction is answered; what was kept by an older replica does not say whether it follows."""

    application: str
    token: str
    ephemeral: bool
    follows: bool = False


class Answers:
    """Tokens lie sealed in shared state as long as Discord takes them; nobody else sees them."""

    def __init__(self, rest: Rest, shared: SharedState, sealer: Sealer, now: Callable[[], datetime] = utc_now) -> None:
        self._rest = rest
        self._shared = shared
        self._sealer = sealer
        self._now = now

    async def remember(self, said: dict[str, Any], *, ephemeral: bool = False, follows: bool = False) -> None:
        """Keep how an interaction is answered: for everybody or not, in the first answer's place or behind it."""
        kept = json.dumps([said["application_id"], said["token"], ephemeral, follows])
        await self._shared.set(_name(said["id"]), self._sealer.seal(kept).encode(), TOKEN_SECONDS)

    async def at_once(self, said: dict[str, Any], answer: dict[str, Any], seconds: float = 2.5) -> None:
        """The first answer, which Discord waits three seconds for."""
        await self._rest.call(
            "POST", _CALLBACK, webhook_id=said["id"], webhook_token=said["token"], json=answer, urgent=True,
            seconds=seconds,
        )  # fmt: skip

    async def waits(self, interaction_id: str) -> None:
        """Say that the answer takes a while; the answer takes its place."""
        if (known := await self._known(interaction_id)) is not None:
            ids: dict[str, Any] = {"webhook_id": known.application, "webhook_token": known.token}
            if known.follows:
                await self._rest.call("POST", _FOLLOW, json={"content": WAITING, "flags": EPHEMERAL}, **ids)
            else:
                await self._rest.call("PATCH", _ORIGINAL, json={"content": WAITING}, **ids)

    async def say(self, reply_to: str, bodies: list[Body], *, private: bool) -> tuple[str, ...] | None:
        """Answer; the ids of the messages, or None when Discord takes no answer any more."""
        known = await self._known(reply_to.removeprefix(INTERACTION))
        if known is None:
            return None
        young = self._now() - made_at(reply_to.removeprefix(INTERACTION)) < _YOUNG
        said: list[str] = []
        for number, body in enumerate(bodies):
            try:
                said.append(await self._one(known, body, private=private, young=young))
            except NotFound:
                if number:
                    raise
                return None
        return tuple(said)

    async def _one(self, known: _Known, body: Body, *, private: bool, young: bool) -> str:
        """Edit what is shown already, the first time; Discord knows no nonce here."""
        body = {name: value for name, value in body.items() if name not in {"nonce", "enforce_nonce"}}
        ids: dict[str, Any] = {"webhook_id": known.application, "webhook_token": known.token}
        hidden = (private or known.ephemeral) if known.follows else private and not known.ephemeral
        first = not known.follows and await self._shared.claim_once(f"discord:answered:{known.token}", TOKEN_SECONDS)
        if first and hidden:
            # Everybody sees what was shown at once: the answer itself follows where only one person does.
            await self._told("PATCH", _ORIGINAL, young, json={"content": _ALONE}, **ids)
        shown = {**body, "flags": EPHEMERAL} if hidden else body
        as_json, form = as_sent(shown)
        method, path = ("PATCH", _ORIGINAL) if first and not hidden else ("POST", _FOLLOW)
        return str((await self._told(method, path, young, json=as_json, form=form, **ids))["id"])

    async def _told(self, method: str, path: str, young: bool, **asked: Any) -> Any:
        try:
            return await self._rest.call(method, path, **asked)
        except NotFound:
            if not young:
                raise
        # Discord takes no answer before the one at once, which may still be on its way.
        await asyncio.sleep(_EARLY)
        return await self._rest.call(method, path, **asked)

    async def _known(self, interaction_id: str) -> _Known | None:
        sealed = await self._shared.get(_name(interaction_id))
        if sealed is None:
            return None
        return _Known(*json.loads(self._sealer.open(sealed.decode())))


def _name(interaction_id: str) -> str:
    return f"discord:token:{interaction_id}"
