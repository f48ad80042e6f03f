"""Answers to interactions: the first edits what was shown at once, later ones follow it."""

from __future__ import annotations

import json
from typing import Any

from discord_module_flask.messages import Body, as_sent
from discord_module_flask.rest import Rest
from flask_core.encryption import Sealer
from flask_core.errors import NotFound
from flask_core.shared_state import SharedState

INTERACTION = "interaction:"
"""What stands before an interaction's id where a message's id would stand."""
TOKEN_SECONDS = 900.0
WAITING = "I will answer as soon as I can."
_ALONE = "The answer is for you alone."
EPHEMERAL = 1 << 6
_CALLBACK = "/interactions/{webhook_id}/{webhook_token}/callback"
_FOLLOW = "/webhooks/{webhook_id}/{webhook_token}"
_ORIGINAL = f"{_FOLLOW}/messages/@original"


class Answers:
    """Tokens lie sealed in shared state as long as Discord takes them; nobody else sees them."""

    def __init__(self, rest: Rest, shared: SharedState, sealer: Sealer) -> None:
        self._rest = rest
        self._shared = shared
        self._sealer = sealer

    async def remember(self, said: dict[str, Any], *, ephemeral: bool = False) -> None:
        """Keep how an interaction is answered."""
        kept = json.dumps([said["application_id"], said["token"], ephemeral])
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
            application, token, _ = known
            await self._rest.call(
                "PATCH", _ORIGINAL, webhook_id=application, webhook_token=token, json={"content": WAITING}
            )

    async def say(self, reply_to: str, bodies: list[Body], *, private: bool) -> tuple[str, ...] | None:
        """Answer; the ids of the messages, or None when Discord takes no answer any more."""
        known = await self._known(reply_to.removeprefix(INTERACTION))
        if known is None:
            return None
        application, token, ephemeral = known
        said: list[str] = []
        for number, body in enumerate(bodies):
            try:
                said.append(await self._one(application, token, body, hidden=private and not ephemeral))
            except NotFound:
                if number:
                    raise
                return None
        return tuple(said)

    async def _one(self, application: str, token: str, body: Body, *, hidden: bool) -> str:
        """Edit what is shown already, the first time; Discord knows no nonce here."""
        body = {name: value for name, value in body.items() if name not in {"nonce", "enforce_nonce"}}
        ids: dict[str, Any] = {"webhook_id": application, "webhook_token": token}
        first = await self._shared.claim_once(f"discord:answered:{token}", TOKEN_SECONDS)
        if first and hidden:
            # Everybody sees what was shown at once: the answer itself follows where only one person does.
            await self._rest.call("PATCH", _ORIGINAL, json={"content": _ALONE}, **ids)
        shown = {**body, "flags": EPHEMERAL} if hidden else body
        as_json, form = as_sent(shown)
        method, path = ("PATCH", _ORIGINAL) if first and not hidden else ("POST", _FOLLOW)
        sent = await self._rest.call(method, path, json=as_json, form=form, **ids)
        return str(sent["id"])

    async def _known(self, interaction_id: str) -> tuple[str, str, bool] | None:
        sealed = await self._shared.get(_name(interaction_id))
        if sealed is None:
            return None
        application, token, ephemeral = json.loads(self._sealer.open(sealed.decode()))
        return application, token, ephemeral


def _name(interaction_id: str) -> str:
    return f"discord:token:{interaction_id}"
