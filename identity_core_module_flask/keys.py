"""API keys: what a program may do for a person, in which communities, until when."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import msgspec

from flask_core.auth import hashed, new_api_key, utc_now
from flask_core.contracts import identity
from flask_core.errors import InvalidInput, NotFound, TooMany, Unauthenticated
from flask_core.known_keys import API_KEY_PREFIX
from flask_core.shared_state import SharedState
from identity_core_module_flask.key_repository import KeyRepository
from identity_core_module_flask.models import KeyRow

TERMS = (30, 90, 365, 730)
KEPT_AFTER_END = timedelta(days=90)
_NAME, _MOST_SCOPES, _MOST_COMMUNITIES = 64, 20, 50
_MADE_PER_HOUR = 20
_TOUCH_EVERY = timedelta(minutes=1)
_SCOPE = re.compile(r"[a-z_]{1,30}(:[a-z_]{1,30})?")
_START = 4


class Keys:
    """A secret is shown once and kept as its hash."""

    def __init__(
        self, repository: KeyRepository, shared: SharedState, *, most: int, now: Callable[[], datetime] = utc_now
    ) -> None:
        self._repository = repository
        self._shared = shared
        self._most = most
        self._now = now

    async def create(self, person_id: str, asked: identity.CreateKey) -> identity.NewKey:
        """A new key. Raises LimitReached when as many as allowed work already."""
        name = asked.name.strip()
        if not 1 <= len(name) <= _NAME:
            raise InvalidInput(f"A key's name has 1 to {_NAME} characters.", field="name")
        _check_scopes(asked.scopes)
        await self._slow_down(person_id)
        secret, now = new_api_key(), self._now()
        key = KeyRow(
            secrets.token_hex(8), person_id, name, _start(secret), msgspec.json.encode(asked.scopes).decode(),
            _term(asked.days), now, now + timedelta(days=asked.days),
        )  # fmt: skip
        await self._repository.add(key, hashed(secret), self._most)
        return identity.NewKey(_view(key), secret)

    async def regenerate(self, person_id: str, asked: identity.RegenerateKey) -> identity.NewKey:
        """A new secret for a new term; the old secret is dead at once."""
        await self._slow_down(person_id)
        known = {key.id: key for key in await self._repository.of_person(person_id, self._now())}
        if asked.key_id not in known:
            raise NotFound("No such key.")
        secret, now, old = new_api_key(), self._now(), known[asked.key_id]
        days = _term(asked.days or old.days)
        key = replace(
            old, start=_start(secret), days=days, expires_at=now + timedelta(days=days), last_used_at=None
        )  # fmt: skip
        await self._repository.replace_secret(key, hashed(secret), now)
        await self._tell(person_id, key.id)
        return identity.NewKey(_view(key), secret)

    async def revoke(self, person_id: str, key_id: str) -> None:
        """End one of one's own keys."""
        await self._repository.revoke(person_id, key_id, self._now())
        await self._tell(person_id, key_id)

    async def of_person(self, person_id: str) -> identity.KeyList:
        """A person's keys that work."""
        return identity.KeyList(tuple(map(_view, await self._repository.of_person(person_id, self._now()))))

    async def verify(self, secret: str) -> identity.KeyOwner:
        """Whose a key is and what it may do. Raises Unauthenticated for one that does not work."""
        now = self._now()
        found = await self._repository.find(hashed(secret), now) if secret.startswith(API_KEY_PREFIX) else None
        if found is None or found[1].state != "active":
            raise Unauthenticated("This key does not work: it is unknown, revoked or past its end.")
        key, person = found
        if key.last_used_at is None or now - key.last_used_at > _TOUCH_EVERY:
            await self._repository.touch(key.id, now)
        return identity.KeyOwner(key.id, person.id, person.name, _scopes(key), key.expires_at)

    async def sweep(self) -> None:
        """Forget keys that ended long ago."""
        await self._repository.sweep(self._now() - KEPT_AFTER_END)

    async def _slow_down(self, person_id: str) -> None:
        if await self._shared.increment(f"identity:keys:{person_id}", 3_600) > _MADE_PER_HOUR:
            raise TooMany("That is enough new keys for an hour.", retry_after=3_600)

    async def _tell(self, person_id: str, key_id: str) -> None:
        message = identity.KeyRevoked(person_id, key_id)
        await self._shared.publish(identity.TOPIC_KEY_REVOKED, msgspec.json.encode(message))


def _check_scopes(scopes: tuple[identity.KeyScope, ...]) -> None:
    if not 1 <= len(scopes) <= _MOST_SCOPES or not all(_SCOPE.fullmatch(scope.name) for scope in scopes):
        raise InvalidInput(f"Give a key 1 to {_MOST_SCOPES} scopes such as read or points:write.", field="scopes")
    if any(len(scope.communities) > _MOST_COMMUNITIES for scope in scopes):
        raise InvalidInput(f"Name at most {_MOST_COMMUNITIES} communities per scope.", field="scopes")


def _term(days: int) -> int:
    if days not in TERMS:
        raise InvalidInput("A key works for 30, 90, 365 or 730 days.", field="days")
    return days


def _start(secret: str) -> str:
    return secret.removeprefix(API_KEY_PREFIX)[:_START]


def _scopes(key: KeyRow) -> tuple[identity.KeyScope, ...]:
    return msgspec.json.decode(key.scopes, type=tuple[identity.KeyScope, ...])


def _view(key: KeyRow) -> identity.ApiKey:
    return identity.ApiKey(
        key.id, key.name, key.start, _scopes(key), key.created_at, key.expires_at, key.last_used_at
    )  # fmt: skip
