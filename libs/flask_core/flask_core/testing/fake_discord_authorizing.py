"""The page of the fake Discord on which people say yes to signing in with it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

from flask_core.testing.fake_twitch_authorizing import asked_at, challenge_of

if TYPE_CHECKING:
    from flask_core.testing.fake_discord import FakeMember


@dataclass
class Authorizing:
    """`go` plays a person at the address; `ways` are redirect and challenge by code, `people` were there."""

    codes: dict[str, str] = field(default_factory=dict)
    ways: dict[str, tuple[str, str]] = field(default_factory=dict)
    people: dict[str, FakeMember] = field(default_factory=dict)
    emails: dict[str, str] = field(default_factory=dict)

    def go(self, url: str, who: FakeMember, *, answer: str = "yes") -> str:
        """Path and query of ours to which `who` is sent back."""
        asked = asked_at(url)
        assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256"), asked
        back = urlsplit(asked["redirect_uri"]).path
        if answer != "yes":
            return f"{back}?{urlencode({'error': 'access_denied', 'state': asked['state']})}"
        self.people[who.id] = who
        code = f"code-{len(self.ways)}-{who.id}"
        self.codes[code] = who.id
        self.ways[code] = (asked["redirect_uri"], asked["code_challenge"])
        return f"{back}?{urlencode({'code': code, 'state': asked['state']})}"

    def fits(self, code: str, redirect: str, verifier: str) -> bool:
        """Whether a code is given back as it was asked for; one that `says_yes` made fits anything."""
        way = self.ways.pop(code, None)
        return way is None or way == (redirect, challenge_of(verifier))
