"""Who calls: service tokens between modules, API keys, webhook signatures, and a person's role."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from datetime import UTC, datetime

import msgspec
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from flask_core.contracts import community
from flask_core.datamodels import Role
from flask_core.errors import Forbidden, Gone, Unauthenticated, Unavailable
from flask_core.known_keys import API_KEY_PREFIX, KnownKeys
from flask_core.operations import Acting, Caller, Standing
from flask_core.service_client import ServiceClient

TOKEN_SECONDS = 300
ACTING_SECONDS = 60
_KNOWN_TOKENS = 4_096
_ROLE_SECONDS = 30.0
_KNOWN_ROLES = 10_000


class ServiceTokens:
    """Issues and verifies short-lived tokens: issuer = calling module, audience = called module.

    Tokens without a person are reused until half their life is over, and a verified token is
    remembered until it ends, so that the hot path does no cryptography per call.
    """

    def __init__(self, module: str, key: str, clock: Callable[[], float] = time.time) -> None:
        self._module = module
        self._clock = clock
        self._key = OctKey.import_key(key)
        self._issued: dict[str, tuple[float, str]] = {}
        self._verified: OrderedDict[str, tuple[float, Caller]] = OrderedDict()

    def issue(self, audience: str, acting: Acting | None = None) -> str:
        """A token that lets us call `audience`, for `acting` where a person asks."""
        now = self._clock()
        if acting is not None:
            return self._sign(audience, now, ACTING_SECONDS, acting)
        until, token = self._issued.get(audience, (0.0, ""))
        if until < now:
            token = self._sign(audience, now, TOKEN_SECONDS, None)
            self._issued[audience] = (now + TOKEN_SECONDS / 2, token)
        return token

    def _sign(self, audience: str, now: float, seconds: int, acting: Acting | None) -> str:
        claims = {"iss": self._module, "aud": audience, "iat": int(now), "exp": int(now) + seconds}
        if acting is not None:
            claims["act"] = msgspec.to_builtins(acting)
        return jwt.encode({"alg": "HS256"}, claims, self._key)

    def verify(self, token: str) -> Caller:
        """Who the token speaks for; raises Unauthenticated for a bad, old or foreign one."""
        now = self._clock()
        known = self._verified.get(token)
        if known is not None and known[0] > now:
            return known[1]
        until, caller = self._read(token, now)
        self._verified[token] = (until, caller)
        if len(self._verified) > _KNOWN_TOKENS:
            self._verified.popitem(last=False)
        return caller

    def _read(self, token: str, now: float) -> tuple[float, Caller]:
        try:
            claims = jwt.decode(token, self._key, algorithms=["HS256"]).claims
            until = float(claims["exp"])
            acting = msgspec.convert(claims["act"], Acting) if "act" in claims else None
            module = str(claims["iss"])
        except (JoseError, KeyError, TypeError, ValueError) as error:
            raise Unauthenticated("A valid service token is needed.") from error
        if until <= now or claims.get("aud") != self._module:
            raise Unauthenticated("This token is too old, or meant for another module.")
        return until, Caller(module, acting)


class ServiceGate:
    """Decides for one module who a token speaks for, and what a person is in a community."""

    def __init__(
        self, tokens: ServiceTokens, client: ServiceClient, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._tokens = tokens
        self._client = client
        self._clock = clock
        self.keys = KnownKeys(client, clock)
        self._standings: OrderedDict[tuple[int, str], tuple[float, Standing]] = OrderedDict()

    async def caller(self, token: str) -> Caller:
        """The caller behind `token`, a module's or a person's API key."""
        if token.startswith(API_KEY_PREFIX):
            return await self.keys.caller(token)
        return self._tokens.verify(token)

    async def standing(self, acting: Acting, community_id: int, *, changes: bool, reads: bool = False) -> Standing:
        """What community says that a person is; for changes never from the cache, and never without community.

        Raises Forbidden for the banned, and Gone in a deleted community unless it `reads` only.
        """
        key = (community_id, acting.person_id)
        if not changes and (known := self._standings.get(key)) and known[0] > self._clock():
            return known[1]
        try:
            answer = await self._client.call(
                "community", community.ROLE_OF, community.RoleOf(community_id, acting.person_id), timeout=2
            )
        except Unavailable:
            if changes or key not in self._standings:
                raise
            return self._standings[key][1]
        if answer.banned:
            # Else the role of before would come back as soon as community is away.
            self._standings.pop(key, None)
            raise Forbidden("You are banned in this community.")
        if answer.ended and changes and not reads:
            raise Gone("This community was deleted. It can be read until its time is over; its owner can restore it.")
        self._remember(key, Standing(answer.portal, answer.member_id))
        role = answer.portal if not changes else max(answer.assigned, min(answer.portal, Role.MODERATOR))
        return Standing(role, answer.member_id)

    def _remember(self, key: tuple[int, str], standing: Standing) -> None:
        self._standings[key] = (self._clock() + _ROLE_SECONDS, standing)
        self._standings.move_to_end(key)
        if len(self._standings) > _KNOWN_ROLES:
            self._standings.popitem(last=False)

    def forget(self, person_id: str | None) -> None:
        """Drop what is remembered of a person whose role may have changed."""
        for key in [key for key in self._standings if key[1] == person_id]:
            del self._standings[key]

    def forget_all(self) -> None:
        """Drop everything that is remembered of people and keys: changes may have been missed."""
        self._standings.clear()
        self.keys.forget_all()


def new_api_key() -> str:
    """A user API key, shown once: 256 random bits."""
    return API_KEY_PREFIX + secrets.token_urlsafe(32)


def new_secret() -> str:
    """A random text of 256 bits, fit for an address or a cookie."""
    return secrets.token_urlsafe(32)


def hashed(secret: str) -> str:
    """What is stored of a random secret. Only for secrets of ≥ 128 random bits: it is a plain SHA-256."""
    return hashlib.sha256(secret.encode()).hexdigest()


def signature_matches(key: str, signed: bytes, signature: str, *, prefix: str = "sha256=") -> bool:
    """Whether `signature` is the HMAC-SHA256 of `signed`, compared in constant time."""
    expected = prefix + hmac.new(key.encode(), signed, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected.encode(), signature.encode("utf-8", "replace"))


def utc_now() -> datetime:
    """The clock that modules are wired with."""
    return datetime.now(UTC)
