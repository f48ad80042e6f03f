"""Sign in with Slack at the fake Slack: the page where people say yes, tokens that are signed, and the keys to them."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from aiohttp import web
from authlib.oidc.core.util import create_half_hash
from joserfc import jwt
from joserfc.jwk import RSAKey

from flask_core.testing.fake_twitch_authorizing import asked_at

if TYPE_CHECKING:
    from flask_core.testing.fake_slack import FakeMember, FakeWorkspace

_SLACK = "https://slack.com"
_TOKEN_SECONDS = 300


@dataclass
class OpenId:
    """`changed` are claims that tokens have instead of the true ones; after `replace_key` another key signs."""

    client_id: str
    client_secret: str
    changed: dict[str, Any] = field(default_factory=dict)
    alive: set[str] = field(default_factory=set)
    ways: dict[str, tuple[str, dict[str, Any]]] = field(default_factory=dict)
    keys: list[RSAKey] = field(default_factory=list)
    published: int = 0
    clock: Callable[[], float] = time.time

    def go(
        self, url: str, workspace: FakeWorkspace, member: FakeMember, *, email: str = "", answer: str = "yes"
    ) -> str:
        """Path and query of ours to which somebody is sent back."""
        asked = asked_at(url)
        assert (asked["response_type"], asked["client_id"]) == ("code", self.client_id), asked
        assert set(asked["scope"].split()) == {"openid", "email", "profile"}
        back = urlsplit(asked["redirect_uri"]).path
        if answer != "yes":
            return f"{back}?{urlencode({'error': 'access_denied', 'state': asked['state']})}"
        code = secrets.token_hex(8)
        now = int(self.clock())
        self.ways[code] = (asked["redirect_uri"], {
            "iss": _SLACK, "sub": member.id, "aud": self.client_id, "iat": now, "exp": now + _TOKEN_SECONDS,
            "auth_time": now, "nonce": asked["nonce"], "email": email, "email_verified": bool(email),
            f"{_SLACK}/team_id": workspace.team_id, f"{_SLACK}/user_id": member.id,
            "name": member.display_name or member.name,
        })  # fmt: skip
        return f"{back}?{urlencode({'code': code, 'state': asked['state']})}"

    def answers(self, method: str, header: str, given: dict[str, Any]) -> dict[str, Any] | None:
        """What the Web API says about codes and tokens of a sign-in; None for everything else."""
        token = header.removeprefix("Bearer ")
        if method == "auth.revoke" and token in self.alive:
            self.alive.discard(token)
            return {"ok": True, "revoked": True}
        return self._token(given) if method == "openid.connect.token" else None

    def _token(self, given: dict[str, Any]) -> dict[str, Any]:
        # A code is good once, and for the address that it was asked for with.
        redirect, claims = self.ways.pop(str(given.get("code")), ("", {}))
        if (given.get("client_id"), given.get("client_secret")) != (self.client_id, self.client_secret):
            return {"ok": False, "error": "bad_client_secret"}
        if not claims or given.get("redirect_uri") != redirect:
            return {"ok": False, "error": "invalid_code"}
        token = f"xoxp-{secrets.token_hex(8)}"
        self.alive.add(token)
        half = create_half_hash(token, "RS256")
        claims |= {"at_hash": half.decode() if half else ""} | self.changed
        return {"ok": True, "access_token": token, "token_type": "Bearer", "id_token": self.signed(claims)}

    def signed(self, claims: dict[str, Any]) -> str:
        """A token of ours."""
        if not self.keys:
            self.replace_key()
        key = self.keys[-1]
        return jwt.encode({"alg": "RS256", "kid": key.kid}, claims, key, algorithms=["RS256"])

    def replace_key(self) -> None:
        """From now on another key signs; the former one is not shown any more."""
        self.keys.append(RSAKey.generate_key(2048, {"kid": secrets.token_hex(4), "use": "sig", "alg": "RS256"}))

    async def show_keys(self, _: web.Request) -> web.Response:
        """What the signatures are checked with."""
        self.published += 1
        return web.json_response({"keys": [key.as_dict(private=False) for key in self.keys[-1:]]})
