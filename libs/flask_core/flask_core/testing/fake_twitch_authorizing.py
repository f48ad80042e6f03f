"""The page of the fake Twitch to which people are sent, and from which they come back with a code or a no."""

from __future__ import annotations

import base64
import hashlib
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlencode, urlsplit

if TYPE_CHECKING:
    from flask_core.testing.fake_twitch import FakeUser


@dataclass(slots=True)
class AWay:
    """Somebody said yes: what the code that they carry back stands for."""

    user: FakeUser
    scopes: list[str]
    redirect_uri: str
    challenge: str


@dataclass
class Authorizing:
    """`go` plays a person at the address; `ways` are codes under way; `knows_pkce` says whether verifiers are taken."""

    ways: dict[str, AWay] = field(default_factory=dict)
    knows_pkce: bool = True

    def go(self, url: str, user: FakeUser, *, answer: str = "yes", forced: bool = True) -> str:
        """Path and query of ours to which `user` is sent back; `forced`: who said yes before is asked, too."""
        asked = asked_at(url)
        assert asked["response_type"] == "code", asked
        assert (asked.get("force_verify") == "true", asked["code_challenge_method"]) == (forced, "S256")
        back, state = urlsplit(asked["redirect_uri"]).path, asked["state"]
        if answer != "yes":
            return f"{back}?{urlencode({'error': 'access_denied', 'state': state})}"
        code = secrets.token_hex(15)
        scopes = asked["scope"].split()
        self.ways[code] = AWay(user, scopes, asked["redirect_uri"], asked["code_challenge"])
        return f"{back}?{urlencode({'code': code, 'scope': asked['scope'], 'state': state})}"


def asked_at(url: str) -> dict[str, str]:
    """What the address of an authorization page asks for."""
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


def challenge_of(verifier: str) -> str:
    """PKCE's S256."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
