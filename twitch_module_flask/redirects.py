"""The way to Twitch and back: an address that works once, for ten minutes, in the browser that asked for it."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import urlsplit

from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge

VALID = timedelta(minutes=10)
_STATE_BYTES, _VERIFIER_BYTES = 32, 48
CALLBACK = "/connect/twitch/callback"


@dataclass(frozen=True, slots=True)
class Way:
    """What somebody takes along to Twitch (`url`, which holds the state), and the verifier that stays here."""

    url: str
    state: str = field(repr=False)
    verifier: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Redirects:
    """`portal_url` is where browsers reach the portal; "" when nobody can come back."""

    auth_url: str
    client_id: str
    portal_url: str

    @property
    def possible(self) -> bool:
        """Twitch sends people back to https addresses, and to this machine."""
        parts = urlsplit(self.portal_url)
        return bool(self.client_id) and (parts.scheme == "https" or parts.hostname == "localhost")

    @property
    def back(self) -> str:
        """Where Twitch sends people, as it has to stand in the application at Twitch."""
        return f"{self.portal_url}{CALLBACK}"

    def way(self, scopes: tuple[str, ...]) -> Way:
        """A new one. Whoever is signed in at Twitch is asked all the same: it may be the wrong account."""
        state, verifier = secrets.token_urlsafe(_STATE_BYTES), secrets.token_urlsafe(_VERIFIER_BYTES)
        url = prepare_grant_uri(
            f"{self.auth_url}/authorize", self.client_id, "code", redirect_uri=self.back, scope=" ".join(scopes),
            state=state, force_verify="true", code_challenge=create_s256_code_challenge(verifier),
            code_challenge_method="S256",
        )  # fmt: skip
        return Way(url, state, verifier)


def hashed(text: str) -> str:
    """What is kept of a state or a session: neither can be read from it."""
    return hashlib.sha256(text.encode()).hexdigest() if text else ""
