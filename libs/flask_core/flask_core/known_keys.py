"""People's API keys: whose they are, asked of identity and remembered for a minute."""

from __future__ import annotations

import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable
from datetime import UTC, datetime

from flask_core.contracts import identity
from flask_core.datamodels import Role
from flask_core.operations import Acting, Caller
from flask_core.service_client import ServiceClient

API_KEY_PREFIX = "wbot_user_"
_KNOWN_SECONDS = 60.0
_MOST_KNOWN = 10_000
_NEVER = datetime.min.replace(tzinfo=UTC)


class KnownKeys:
    """A key never counts as a sign-in and never has the operator's right; the person's role is checked anew."""

    def __init__(self, client: ServiceClient, clock: Callable[[], float] = time.monotonic) -> None:
        self._client = client
        self._clock = clock
        self._known: OrderedDict[bytes, tuple[float, identity.KeyOwner]] = OrderedDict()

    async def caller(self, secret: str) -> Caller:
        """Whom the key speaks for; raises Unauthenticated for one that does not work."""
        owner = await self.owner(secret)
        return Caller("", Acting(owner.person_id, _NEVER, role=Role.OWNER, name=owner.name), key=owner)

    async def owner(self, secret: str) -> identity.KeyOwner:
        """Whose the key is and what it was given; raises Unauthenticated for one that does not work."""
        digest, now = hashlib.sha256(secret.encode()).digest(), self._clock()
        until, owner = self._known.get(digest, (0.0, None))
        if owner is None or until < now:
            owner = await self._client.call("identity", identity.VERIFY_KEY, identity.KeySecret(secret), timeout=2)
            self._remember(digest, owner, now)
        return owner

    def _remember(self, digest: bytes, owner: identity.KeyOwner, now: float) -> None:
        self._known[digest] = (now + _KNOWN_SECONDS, owner)
        self._known.move_to_end(digest)
        if len(self._known) > _MOST_KNOWN:
            self._known.popitem(last=False)

    def forget(self, key_id: str) -> None:
        """Drop a key that was revoked or got another secret."""
        for digest in [digest for digest, (_, owner) in self._known.items() if owner.key_id == key_id]:
            del self._known[digest]

    def forget_all(self) -> None:
        """Drop everything: a revocation may have been missed."""
        self._known.clear()
