"""What identity offers about signing in with an account of Twitch, Discord or Slack."""

from __future__ import annotations

from typing import Literal

import msgspec

from flask_core.contracts.identity import Door, NewSession, Nothing
from flask_core.operations import Operation, services, signed_in

OFFERED_BY = "identity"

Mode = Literal["login", "link"]


class Providers(msgspec.Struct, frozen=True):
    """Platforms whose application the operator has set up, by name."""

    items: tuple[str, ...]


class StartOAuth(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where to sign in, or (for a person) which account to link.

    `binding` is a secret that only this browser has; `back` is the path of ours to which it leads at the end.
    """

    provider: str
    binding: str
    mode: Mode = "login"
    back: str = "/"
    door: Door = Door()


class OAuthUrl(msgspec.Struct, frozen=True):
    """Where the platform asks the person; good for ten minutes, once."""

    url: str


class FinishOAuth(msgspec.Struct, frozen=True, omit_defaults=True):
    """What came back from the platform: a code, or an `error`; and what the browser has."""

    provider: str
    state: str
    binding: str
    code: str = ""
    error: str = ""
    door: Door = Door()


class FinishedOAuth(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where to go on, and a session when somebody signed in; `linked` is the account that was linked."""

    mode: Mode
    back: str
    session: NewSession | None = None
    linked: str = ""


PROVIDERS = Operation(
    "GET", "/api/v1/oauth", Nothing, Providers, services("portal"), "List the platforms one can sign in with."
)
START = Operation(
    "POST", "/api/v1/oauth/{provider}/start", StartOAuth, OAuthUrl, services("portal") | signed_in(fresh=True),
    "Begin to sign in, or (for a person) to link an account.",
)  # fmt: skip
FINISH = Operation(
    "POST", "/api/v1/oauth/{provider}/finish", FinishOAuth, FinishedOAuth, services("portal") | signed_in(),
    "Sign in, or link: 400 for a state that is not this browser's, 403 closed, 409 somebody else's.",
)  # fmt: skip
