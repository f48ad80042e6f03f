"""What identity offers: persons behind accounts, signing in, sessions."""

from __future__ import annotations

from datetime import datetime
from types import NoneType

import msgspec

from flask_core.operations import Operation, any_service, services, signed_in

TOPIC_SESSION_ENDED = "session.ended"


class AccountKey(msgspec.Struct, frozen=True):
    """A platform and the user id there."""

    platform: str
    user_id: str


class LookUp(msgspec.Struct, frozen=True):
    """Up to 100 accounts."""

    items: tuple[AccountKey, ...]


class FoundPerson(msgspec.Struct, frozen=True, omit_defaults=True):
    """The person behind an account; empty when nobody linked it."""

    person_id: str = ""
    name: str = ""


class LookUpAnswer(msgspec.Struct, frozen=True):
    """One answer per account, in order."""

    items: tuple[FoundPerson, ...]


class Door(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where somebody signs in from: the client's address (for throttling) and what the browser calls itself."""

    address: str = ""
    browser: str = ""


class SetUp(msgspec.Struct, frozen=True):
    """The first operator, by the one-time link of the first start."""

    token: str
    name: str
    email: str
    password: str
    door: Door = Door()


class CheckSetUp(msgspec.Struct, frozen=True):
    """Whether a set-up link still opens something."""

    token: str


class SetUpState(msgspec.Struct, frozen=True):
    """`open` while nobody is operator and the token is the present one; `needed` while nobody is operator."""

    open: bool
    needed: bool


class SignIn(msgspec.Struct, frozen=True):
    """E-mail and password."""

    email: str
    password: str
    door: Door = Door()


class NewSession(msgspec.Struct, frozen=True):
    """A session for the cookie: shown once, kept as a hash. `max_age` in seconds."""

    secret: str
    person_id: str
    name: str
    operator: bool
    max_age: int


class SessionSecret(msgspec.Struct, frozen=True):
    """The value of the cookie."""

    secret: str


class SessionPerson(msgspec.Struct, frozen=True):
    """Who is signed in, and since when."""

    person_id: str
    name: str
    operator: bool
    signed_in_at: datetime
    session_id: str


class ChangePassword(msgspec.Struct, frozen=True):
    """A new password for the caller; ends all other sessions."""

    old: str
    new: str
    session_id: str = ""


class SessionView(msgspec.Struct, frozen=True):
    """A session as its owner sees it."""

    id: str
    browser: str
    signed_in_at: datetime
    last_used_at: datetime


class SessionList(msgspec.Struct, frozen=True):
    """All sessions of a person, newest first."""

    items: tuple[SessionView, ...]


class Nothing(msgspec.Struct, frozen=True):
    """No questions."""


class SessionOf(msgspec.Struct, frozen=True):
    """One of the caller's sessions."""

    session_id: str


class Person(msgspec.Struct, frozen=True, omit_defaults=True):
    """A person as others may know them."""

    id: str
    name: str
    accounts: tuple[AccountKey, ...] = ()
    email: str = ""


class NameMe(msgspec.Struct, frozen=True):
    """A new display name."""

    name: str


LOOKUP = Operation(
    "POST", "/api/v1/accounts/lookup", LookUp, LookUpAnswer, any_service(), "Tell who accounts belong to.", express=True
)
CHECK_SET_UP = Operation(
    "POST", "/api/v1/set-up/check", CheckSetUp, SetUpState, services("portal"), "Tell whether a set-up link is good."
)
SET_UP = Operation(
    "POST", "/api/v1/set-up", SetUp, NewSession, services("portal"), "Make the first operator.", status=201
)
SIGN_IN = Operation("POST", "/api/v1/sign-in", SignIn, NewSession, services("portal"), "Sign in.", status=201)
VERIFY_SESSION = Operation(
    "POST", "/api/v1/sessions/verify", SessionSecret, SessionPerson, any_service(), "Tell who a cookie belongs to.",
    express=True,
)  # fmt: skip
SIGN_OUT = Operation(
    "POST", "/api/v1/sign-out", SessionSecret, NoneType, services("portal"), "End a session.", status=204
)
SESSIONS = Operation("GET", "/api/v1/sessions", Nothing, SessionList, signed_in(), "List one's sessions.")
END_SESSION = Operation(
    "DELETE", "/api/v1/sessions/{session_id}", SessionOf, NoneType, signed_in(), "End one of one's sessions.",
    status=204,
)  # fmt: skip
CHANGE_PASSWORD = Operation(
    "POST", "/api/v1/password", ChangePassword, NoneType, signed_in(fresh=True), "Change the password.", status=204
)
ME = Operation("GET", "/api/v1/me", Nothing, Person, signed_in(), "Show oneself.")
RENAME = Operation("PATCH", "/api/v1/me", NameMe, Person, signed_in(), "Change one's display name.")
