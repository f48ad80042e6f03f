"""OpenID's signed tokens: whose signature, for whom, for which way, until when."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import msgspec
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from flask_core.errors import InvalidInput, UpstreamFailed
from flask_core.http_client import HttpClient

log = logging.getLogger(__name__)

ALGORITHMS = ["RS256"]
_KEPT, _ASKED_AGAIN_AFTER = timedelta(hours=1), timedelta(minutes=1)
_LEEWAY_SECONDS, _BAD = 60, 400
_UNREADABLE = (JoseError, ValueError, TypeError, KeyError)


class IdTokens:
    """The platform's keys are kept for an hour, and asked for anew when a signature fits none of them."""

    def __init__(
        self,
        http: HttpClient,
        keys_url: str,
        *,
        label: str,
        issuer: str,
        audience: str,
        now: Callable[[], datetime],
    ) -> None:
        self._http = http
        self._keys_url = keys_url
        self._label = label
        self._issuer = issuer
        self._audience = audience
        self._now = now
        self._keys: tuple[datetime, KeySet] | None = None

    async def read(self, token: str, *, nonce: str, access_token: str) -> dict[str, Any]:
        """The claims; raises InvalidInput for a token that is not the platform's, not ours or not of this way."""
        keys = await self._known(_KEPT)
        try:
            read = jwt.decode(token, keys, algorithms=ALGORITHMS)
        except _UNREADABLE:
            # Keys are replaced from time to time.
            read = self._decoded(token, await self._known(_ASKED_AGAIN_AFTER))
        claims = CodeIDToken(
            read.claims,
            read.header,
            options={"iss": {"essential": True, "value": self._issuer}, "aud": {"value": self._audience}},
            params={"nonce": nonce, "client_id": self._audience, "access_token": access_token},
        )
        try:
            claims.validate(now=int(self._now().timestamp()), leeway=_LEEWAY_SECONDS)
        except _UNREADABLE as error:
            raise self._refusal(error) from None
        return dict(claims)

    def _decoded(self, token: str, keys: KeySet) -> jwt.Token:
        try:
            return jwt.decode(token, keys, algorithms=ALGORITHMS)
        except _UNREADABLE as error:
            raise self._refusal(error) from None

    def _refusal(self, error: Exception) -> InvalidInput:
        # Only the kind: what an error says may hold what was in the token.
        log.warning("a token of %s does not hold: %s", self._label, type(error).__name__)
        return InvalidInput(f"{self._label}'s answer does not belong to this sign-in. Begin again.")

    async def _known(self, age: timedelta) -> KeySet:
        if self._keys is None or self._now() - self._keys[0] >= age:
            answer = await self._http.request("GET", self._keys_url, name=self._label)
            if answer.status_code >= _BAD:
                raise UpstreamFailed(f"{self._label} does not show its keys.")
            try:
                keys = KeySet.import_key_set(msgspec.json.decode(answer.content))
            except (msgspec.DecodeError, *_UNREADABLE) as error:
                raise UpstreamFailed(f"{self._label} answered something that cannot be read.") from error
            self._keys = (self._now(), keys)
        return self._keys[1]
