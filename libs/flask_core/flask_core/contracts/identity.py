"""What identity offers: persons behind accounts, signing in, sessions."""

from __future__ import annotations

from datetime import datetime
from types import NoneType

import msgspec

from flask_core.operations import Operation, any_service, services, signed_in

TOPIC_SESSION_ENDED = "session.ended"
TOPIC_KEY_REVOKED = "key.revoked"


class AccountKey(msgspec.Struct, frozen=True):
    """A platform and the user id there."""

    platform: str
    user_id: str


class LookUp(msgspec.Struct, frozen=True):
    """Up to 100 accounts."""

    items: tuple[AccountKey, ...]


class FoundPerson(msgspec.Struct, frozen=True, omit_defaults=True):
    """The person behind an account, and since when it is linked; empty when nobody linked it.

    None stands for the account that the person was made of: nobody got anything by that.
    """

    person_id: str = ""
    name: str = ""
    linked_at: datetime | None = None


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


class NewSession(msgspec.Struct, frozen=True, omit_defaults=True):
    """A session for the cookie: shown once, kept as a hash. `max_age` in seconds.

    Where a second factor is set up, `secret` is empty and `challenge` goes to SECOND_FACTOR with a code,
    within five minutes and from the same browser.
    """

    secret: str
    person_id: str
    name: str
    operator: bool
    max_age: int
    challenge: str = ""


class SecondFactor(msgspec.Struct, frozen=True):
    """A code of the authenticator, or one of the recovery codes."""

    challenge: str
    code: str
    door: Door = Door()


class StepUp(msgspec.Struct, frozen=True, omit_defaults=True):
    """Sign in again in place: the cookie's value, the password, and a code where a second factor is set up."""

    secret: str
    password: str
    code: str = ""
    door: Door = Door()


class SessionSecret(msgspec.Struct, frozen=True):
    """The value of the cookie."""

    secret: str


class SessionPerson(msgspec.Struct, frozen=True, omit_defaults=True):
    """Who is signed in, and since when; `second_factor` tells whether one was given in this session."""

    person_id: str
    name: str
    operator: bool
    signed_in_at: datetime
    session_id: str
    second_factor: bool = False


class ChangePassword(msgspec.Struct, frozen=True):
    """A new password for the caller; ends all other sessions."""

    old: str
    new: str
    session_id: str = ""


class Factors(msgspec.Struct, frozen=True):
    """Whether an authenticator is set up, and how many recovery codes are left."""

    authenticator: bool
    recovery_codes: int


class NewAuthenticator(msgspec.Struct, frozen=True):
    """For an authenticator app: `key` to type, `uri` for a QR code; `state` goes back with the first code."""

    key: str
    uri: str
    state: str


class ConfirmAuthenticator(msgspec.Struct, frozen=True):
    """The first code of the new authenticator, typed in the session `session_id`."""

    state: str
    code: str
    session_id: str = ""


class RecoveryCodes(msgspec.Struct, frozen=True):
    """Ten codes, each good for one sign-in; shown once."""

    codes: tuple[str, ...]


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


class KeepSession(msgspec.Struct, frozen=True):
    """The one session that goes on."""

    keep: str


class Person(msgspec.Struct, frozen=True, omit_defaults=True):
    """A person as others may know them."""

    id: str
    name: str
    accounts: tuple[AccountKey, ...] = ()
    email: str = ""


class NameMe(msgspec.Struct, frozen=True):
    """A new display name."""

    name: str


class KeyScope(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a key may do: `read`, `chat`, `points:write` …; in these communities only, or (none named) in all."""

    name: str
    communities: tuple[int, ...] = ()


class ApiKey(msgspec.Struct, frozen=True, omit_defaults=True):
    """A key as lists show it; `start` are the first four characters behind the prefix."""

    key_id: str
    name: str
    start: str
    scopes: tuple[KeyScope, ...]
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None = None


class KeyList(msgspec.Struct, frozen=True):
    """Keys that work, the newest first."""

    items: tuple[ApiKey, ...]


class CreateKey(msgspec.Struct, frozen=True, omit_defaults=True):
    """A new key for 30, 90, 365 or 730 days."""

    name: str
    scopes: tuple[KeyScope, ...]
    days: int = 365


class NewKey(msgspec.Struct, frozen=True):
    """A key with its secret, shown once."""

    key: ApiKey
    secret: str


class KeyOf(msgspec.Struct, frozen=True):
    """One of the caller's keys."""

    key_id: str


class RegenerateKey(msgspec.Struct, frozen=True, omit_defaults=True):
    """A new secret for a key, for a new term; 0 days: as long as before."""

    key_id: str
    days: int = 0


class KeySecret(msgspec.Struct, frozen=True):
    """A key as somebody sent it."""

    secret: str


class KeyOwner(msgspec.Struct, frozen=True):
    """Who a key speaks for and what it may do; what the person may do *now* limits it further.

    The operator's right, and what needs a sign-in of the last 15 minutes, are never a key's.
    """

    key_id: str
    person_id: str
    name: str
    scopes: tuple[KeyScope, ...]
    expires_at: datetime

    def may(self, scope: str, community_id: int | None = None) -> bool:
        """Whether the key was given `scope` there; `read` covers every scope that ends with `:read`."""
        return any(not held.communities or community_id in held.communities for held in self._covering(scope))

    def holds(self, scope: str) -> bool:
        """Whether the key was given `scope` in any community."""
        return bool(self._covering(scope))

    def only_community(self, scope: str) -> int | None:
        """The one community in which the key was given `scope`, None when there are several or all."""
        given = {place for held in self._covering(scope) for place in held.communities or (0, -1)}
        return given.pop() if len(given) == 1 else None

    def _covering(self, scope: str) -> list[KeyScope]:
        names = {scope, "read"} if scope.endswith(":read") else {scope}
        return [held for held in self.scopes if held.name in names]


class KeyRevoked(msgspec.Struct, frozen=True):
    """Published on `key.revoked` after commit."""

    person_id: str
    key_id: str


class ResolveName(msgspec.Struct, frozen=True):
    """What somebody typed to mean an account: a mention, a login, or the name of a linked account."""

    platform: str
    text: str


class Resolved(msgspec.Struct, frozen=True, omit_defaults=True):
    """The account that was meant."""

    platform: str
    user_id: str
    login: str = ""
    display_name: str = ""


class LinkedAccount(msgspec.Struct, frozen=True):
    """An account that belongs to the caller."""

    platform: str
    user_id: str
    name: str
    verified_at: datetime


class WaitingLink(msgspec.Struct, frozen=True, omit_defaults=True):
    """An open request; `presented` typed the code and waits for the caller's yes."""

    request_id: str
    platform: str
    expires_at: datetime
    expected: str = ""
    presented: str = ""


class LinkList(msgspec.Struct, frozen=True):
    """Linked accounts and open requests."""

    accounts: tuple[LinkedAccount, ...]
    requests: tuple[WaitingLink, ...]


class StartLink(msgspec.Struct, frozen=True):
    """Link an account of `platform` by a code that is typed there."""

    platform: str


class LinkCode(msgspec.Struct, frozen=True):
    """The code to type as `!verify CODE` on the other platform; shown once."""

    request_id: str
    platform: str
    code: str
    expires_at: datetime


class RequestOf(msgspec.Struct, frozen=True):
    """One of the caller's open requests."""

    request_id: str


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
SECOND_FACTOR = Operation(
    "POST", "/api/v1/sign-in/second-factor", SecondFactor, NewSession, services("portal"),
    "Go on with the second factor.", status=201,
)  # fmt: skip
STEP_UP = Operation(
    "POST", "/api/v1/sign-in/again", StepUp, NewSession, services("portal"),
    "Sign in again; the session goes on under a new secret.", status=201,
)  # fmt: skip
END_SESSIONS = Operation(
    "DELETE", "/api/v1/sessions", KeepSession, NoneType, signed_in(), "End all of one's other sessions.", status=204
)
FACTORS = Operation("GET", "/api/v1/factors", Nothing, Factors, signed_in(), "Tell which second factors are set up.")
START_AUTHENTICATOR = Operation(
    "POST", "/api/v1/authenticator", Nothing, NewAuthenticator, signed_in(fresh=True),
    "Begin with an authenticator app.",
)  # fmt: skip
CONFIRM_AUTHENTICATOR = Operation(
    "POST", "/api/v1/authenticator/confirm", ConfirmAuthenticator, RecoveryCodes, signed_in(fresh=True),
    "Finish setting up an authenticator app.",
)  # fmt: skip
REMOVE_AUTHENTICATOR = Operation(
    "DELETE", "/api/v1/authenticator", Nothing, NoneType, signed_in(fresh=True),
    "Sign in with the password alone again.", status=204,
)  # fmt: skip
NEW_RECOVERY_CODES = Operation(
    "POST", "/api/v1/recovery-codes", Nothing, RecoveryCodes, signed_in(fresh=True), "Replace all recovery codes."
)
KEYS = Operation("GET", "/api/v1/keys", Nothing, KeyList, signed_in(), "List one's keys.")
CREATE_KEY = Operation(
    "POST", "/api/v1/keys", CreateKey, NewKey, signed_in(fresh=True), "Make a key: 409 when five work already.",
    status=201,
)  # fmt: skip
REGENERATE_KEY = Operation(
    "POST", "/api/v1/keys/{key_id}/regenerate", RegenerateKey, NewKey, signed_in(fresh=True),
    "Give a key a new secret.",
)  # fmt: skip
REVOKE_KEY = Operation("DELETE", "/api/v1/keys/{key_id}", KeyOf, NoneType, signed_in(), "End a key.", status=204)
VERIFY_KEY = Operation(
    "POST", "/api/v1/keys/verify", KeySecret, KeyOwner, any_service(),
    "Tell whose a key is; may be remembered for 60 s, dropped on `key.revoked`.",
)  # fmt: skip
RESOLVE = Operation(
    "POST", "/api/v1/accounts/resolve", ResolveName, Resolved, any_service(),
    "Find the account that a text means: 404 for nobody, 409 with `candidates` when several have that name.",
)  # fmt: skip
LINKS = Operation("GET", "/api/v1/links", Nothing, LinkList, signed_in(), "List linked accounts and open requests.")
START_LINK = Operation(
    "POST", "/api/v1/links", StartLink, LinkCode, signed_in(), "Get a code to type on the other platform.", status=201
)
CONFIRM_LINK = Operation(
    "POST", "/api/v1/links/{request_id}/confirm", RequestOf, LinkList, signed_in(fresh=True),
    "Say yes to the account that typed the code.",
)  # fmt: skip
DROP_LINK = Operation(
    "DELETE", "/api/v1/links/{request_id}", RequestOf, NoneType, signed_in(), "Call a request off.", status=204
)
UNLINK = Operation(
    "DELETE", "/api/v1/accounts/{platform}/{user_id}", AccountKey, NoneType, signed_in(fresh=True),
    "Unlink an account: 409 for the last one.", status=204,
)  # fmt: skip
