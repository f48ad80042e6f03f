"""What identity offers: persons behind accounts, sign-in and sessions, API keys, links between accounts."""

from __future__ import annotations

from datetime import datetime
from types import NoneType
from typing import Literal

import msgspec

from flask_core.operations import Operation, any_service, operators, services, signed_in


class AccountKey(msgspec.Struct, frozen=True):
    """A platform and the user id there."""

    platform: str
    user_id: str


class LookUp(msgspec.Struct, frozen=True):
    """Up to 100 accounts."""

    items: tuple[AccountKey, ...]


class FoundPerson(msgspec.Struct, frozen=True, omit_defaults=True):
    """The person behind an account; empty when nobody linked it. `primary` is the account the name is taken from."""

    person_id: str = ""
    name: str = ""
    primary: AccountKey | None = None


class LookUpAnswer(msgspec.Struct, frozen=True):
    """One answer per account, in order."""

    items: tuple[FoundPerson, ...]


LOOKUP = Operation(
    "POST", "/api/v1/accounts/lookup", LookUp, LookUpAnswer, any_service(), "Tell who accounts belong to."
)


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
    person_id: str = ""


RESOLVE = Operation(
    "POST", "/api/v1/accounts/resolve", ResolveName, Resolved, any_service(),
    "Find the account that a text means: 404 for nobody, 409 with `candidates` when several have that name.",
)  # fmt: skip

TOPIC_PERSON = "person.changed"
TOPIC_SESSION = "session.ended"
TOPIC_KEY = "key.revoked"


class PersonChanged(msgspec.Struct, frozen=True):
    """Published after commit: name, state or accounts changed; `accounts` are those of before and after."""

    person_id: str
    accounts: tuple[AccountKey, ...] = ()


class SessionEnded(msgspec.Struct, frozen=True, omit_defaults=True):
    """Published after commit; no `session_ids` means every session of the person."""

    person_id: str
    session_ids: tuple[str, ...] = ()


class KeyRevoked(msgspec.Struct, frozen=True, omit_defaults=True):
    """Published after commit; no `key_ids` means every key of the person."""

    person_id: str
    key_ids: tuple[str, ...] = ()


# --- persons


class PersonId(msgspec.Struct, frozen=True):
    """Names a person."""

    person_id: str


class LinkedAccount(msgspec.Struct, frozen=True, omit_defaults=True):
    """An account of a person; `method` is how it was proved: code or operator."""

    platform: str
    user_id: str
    login: str
    display_name: str
    method: str
    verified_at: datetime
    primary: bool = False


class Person(msgspec.Struct, frozen=True, omit_defaults=True):
    """A person as they see themselves; `locale` and `time_zone` are empty where nothing was chosen."""

    person_id: str
    name: str
    created_at: datetime
    state: str = "active"
    operator: bool = False
    locale: str = ""
    time_zone: str = ""
    address: str = ""
    sign_in_name: str = ""
    public_links: bool = False
    accounts: tuple[LinkedAccount, ...] = ()


class PublicPerson(msgspec.Struct, frozen=True, omit_defaults=True):
    """What others may know; services get all accounts, people only what the person made public."""

    person_id: str
    name: str
    time_zone: str = ""
    locale: str = ""
    accounts: tuple[AccountKey, ...] = ()


class PatchPerson(msgspec.Struct, frozen=True, omit_defaults=True):
    """Fields that are None stay; `primary` must be a linked account and gives the person its name."""

    person_id: str
    name: str | None = None
    locale: str | None = None
    time_zone: str | None = None
    public_links: bool | None = None
    primary: AccountKey | None = None


PERSON = Operation(
    "GET", "/api/v1/persons/{person_id}", PersonId, Person, signed_in(), "Show the caller everything about themselves."
)
PUBLIC_PERSON = Operation(
    "GET", "/api/v1/persons/{person_id}/public", PersonId, PublicPerson, any_service() | signed_in(),
    "Show what others may know of a person.",
)  # fmt: skip
PATCH_PERSON = Operation(
    "PATCH", "/api/v1/persons/{person_id}", PatchPerson, Person, signed_in() | services("calendar"),
    "Change name, language, time zone or primary account; the calendar may set the time zone.",
)  # fmt: skip


# --- signing in: the portal draws the forms and hands on what was typed, with the browser it came from


class Client(msgspec.Struct, frozen=True, omit_defaults=True):
    """The browser that asks: its address as the portal saw it, its name, and the portal's random mark of it.

    `binding` is a random text that the portal keeps in a cookie of the sign-in pages: a second step must come
    from the browser of the first.
    """

    address: str
    binding: str
    user_agent: str = ""


class Nothing(msgspec.Struct, frozen=True):
    """No questions."""


class SignInOptions(msgspec.Struct, frozen=True):
    """What the sign-in pages offer; `set_up` is true until the first operator exists."""

    sign_up: Literal["open", "invited", "closed"]
    set_up: bool


SIGN_IN_OPTIONS = Operation(
    "GET", "/auth/options", Nothing, SignInOptions, services("portal"), "Tell what the sign-in pages offer."
)


class Session(msgspec.Struct, frozen=True, omit_defaults=True):
    """Who a cookie speaks for.

    `operator` is the right as it counts now: where a second factor is required of operators and the session has
    none it is false, and `needs_factor` tells the pages to ask for one (`factor_set_up`: to use, else to set up).
    `session_id` is no secret: lists and `session.ended` name sessions by it. `expires_at` is the absolute end.
    """

    session_id: str
    person_id: str
    name: str
    signed_in_at: datetime
    expires_at: datetime
    operator: bool = False
    second_factor: bool = False
    needs_factor: bool = False
    factor_set_up: bool = False
    locale: str = ""
    time_zone: str = ""


class NextStep(msgspec.Struct, frozen=True, omit_defaults=True):
    """How a sign-in goes on: either `cookie` with its `session`, or a `challenge` for SECOND_FACTOR.

    `cookie` is the value to set; it is kept nowhere. A challenge lives five minutes in the same browser.
    """

    cookie: str = ""
    session: Session | None = None
    challenge: str = ""


class SignIn(msgspec.Struct, frozen=True):
    """An e-mail address or a sign-in name, and the password."""

    name: str
    password: str
    client: Client


class SecondFactor(msgspec.Struct, frozen=True):
    """A code of the authenticator or a recovery code, for a challenge."""

    challenge: str
    code: str
    client: Client


class SetUp(msgspec.Struct, frozen=True, omit_defaults=True):
    """The first operator: `name` is shown, `address` (or, without one, `sign_in_name`) is typed to sign in."""

    token: str
    name: str
    password: str
    client: Client
    address: str = ""
    sign_in_name: str = ""


class SignUp(msgspec.Struct, frozen=True, omit_defaults=True):
    """A new person; `token` is an invitation's, which is all that counts where sign-up is invited."""

    name: str
    sign_in_name: str
    password: str
    client: Client
    token: str = ""


class ResetPassword(msgspec.Struct, frozen=True, omit_defaults=True):
    """A new password by a reset link; it ends all sessions and keeps the second factor."""

    token: str
    password: str
    client: Client
    end_keys: bool = False


class LinkToken(msgspec.Struct, frozen=True):
    """The token of a one-time link."""

    token: str


LinkKind = Literal["set-up", "invitation", "reset"]


class LinkFacts(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a one-time link is for; `address` is the one an invitation is bound to."""

    kind: LinkKind
    expires_at: datetime | None = None
    address: str = ""


CHECK_LINK = Operation(
    "POST", "/auth/links/check", LinkToken, LinkFacts, services("portal"),
    "Tell what a one-time link is for: 404 when it was used, replaced or is too old.",
)  # fmt: skip
SET_UP = Operation("POST", "/auth/set-up", SetUp, NextStep, services("portal"), "Make the first operator.")
SIGN_UP = Operation("POST", "/auth/sign-up", SignUp, NextStep, services("portal"), "Make a new person.")
SIGN_IN = Operation("POST", "/auth/sign-in", SignIn, NextStep, services("portal"), "Sign in with a password.")
SECOND_FACTOR = Operation(
    "POST", "/auth/second-factor", SecondFactor, NextStep, services("portal"), "Go on with the second factor."
)
RESET_PASSWORD = Operation(
    "POST", "/auth/reset", ResetPassword, NextStep, services("portal"), "Set a new password by a reset link."
)


class Cookie(msgspec.Struct, frozen=True):
    """The value of the session cookie."""

    cookie: str


SIGN_OUT = Operation("POST", "/auth/sign-out", Cookie, NoneType, services("portal"), "End a session.", status=204)


class StepUp(msgspec.Struct, frozen=True, omit_defaults=True):
    """Sign in again in place: password, and the code where a second factor is set up."""

    cookie: str
    password: str
    client: Client
    code: str = ""


class ChangePassword(msgspec.Struct, frozen=True, omit_defaults=True):
    """The present password and the new one."""

    cookie: str
    password: str
    new_password: str
    client: Client
    end_keys: bool = False


class Factors(msgspec.Struct, frozen=True):
    """Ways to sign in that are set up."""

    password: bool
    authenticator: bool
    recovery_codes_left: int


class NewAuthenticator(msgspec.Struct, frozen=True):
    """For an authenticator app: `key` to type, `uri` for a QR code; `state` goes back with the first code."""

    key: str
    uri: str
    state: str


class ConfirmAuthenticator(msgspec.Struct, frozen=True):
    """The first code of the authenticator that was set up."""

    cookie: str
    state: str
    code: str


class RecoveryCodes(msgspec.Struct, frozen=True):
    """Ten codes, each good for one sign-in; shown once."""

    codes: tuple[str, ...]


STEP_UP = Operation(
    "POST", "/auth/step-up", StepUp, NextStep, services("portal"),
    "Sign in again; the session goes on under a new cookie.",
)  # fmt: skip
CHANGE_PASSWORD = Operation(
    "POST", "/auth/password", ChangePassword, NextStep, services("portal"),
    "Change the password; all other sessions end.",
)  # fmt: skip
FACTORS = Operation("GET", "/auth/factors", Nothing, Factors, signed_in(), "Tell which ways to sign in are set up.")
START_AUTHENTICATOR = Operation(
    "POST", "/auth/authenticator", Nothing, NewAuthenticator, signed_in(fresh=True), "Begin with an authenticator app."
)
CONFIRM_AUTHENTICATOR = Operation(
    "POST", "/auth/authenticator/confirm", ConfirmAuthenticator, RecoveryCodes, signed_in(fresh=True),
    "Finish setting up an authenticator app.",
)  # fmt: skip
REMOVE_AUTHENTICATOR = Operation(
    "DELETE", "/auth/authenticator", Nothing, NoneType, signed_in(fresh=True), "Sign in without second factor again.",
    status=204,
)  # fmt: skip
NEW_RECOVERY_CODES = Operation(
    "POST", "/auth/recovery-codes", Nothing, RecoveryCodes, signed_in(fresh=True), "Replace all recovery codes."
)


# --- sessions


class SessionView(msgspec.Struct, frozen=True, omit_defaults=True):
    """A session in a list; `device` is the browser's name, `place` its shortened address."""

    session_id: str
    signed_in_at: datetime
    last_used_at: datetime
    device: str = ""
    place: str = ""
    second_factor: bool = False


class SessionList(msgspec.Struct, frozen=True):
    """Sessions, the latest used first."""

    items: tuple[SessionView, ...]


class SessionId(msgspec.Struct, frozen=True):
    """Names a session of the caller's."""

    session_id: str


class KeepSession(msgspec.Struct, frozen=True, omit_defaults=True):
    """The one session that goes on; none when empty."""

    keep: str = ""


VERIFY_SESSION = Operation(
    "POST", "/api/v1/sessions/verify", Cookie, Session, any_service(),
    "Tell who a cookie speaks for; may be remembered for 10 s, dropped on `session.ended`.",
)  # fmt: skip
SESSIONS = Operation("GET", "/api/v1/sessions", Nothing, SessionList, signed_in(), "List the caller's sessions.")
END_SESSION = Operation(
    "DELETE", "/api/v1/sessions/{session_id}", SessionId, NoneType, signed_in(), "End a session.", status=204
)
END_SESSIONS = Operation(
    "DELETE", "/api/v1/sessions", KeepSession, NoneType, signed_in(), "End all other sessions.", status=204
)


# --- API keys


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


class KeyId(msgspec.Struct, frozen=True):
    """Names a key of the caller's."""

    key_id: str


class RegenerateKey(msgspec.Struct, frozen=True, omit_defaults=True):
    """A new secret and a new term for a key; the old secret is dead at once. 0 days: the term it had."""

    key_id: str
    days: int = 0


class Secret(msgspec.Struct, frozen=True):
    """A key as somebody sent it."""

    secret: str


class KeyOwner(msgspec.Struct, frozen=True, omit_defaults=True):
    """Who a key speaks for and what it may do; what the person may do *now* limits it further.

    `operator` rights and acts that need a fresh sign-in are never a key's.
    """

    key_id: str
    person_id: str
    name: str
    scopes: tuple[KeyScope, ...]
    expires_at: datetime

    def may(self, scope: str, community_id: int | None = None) -> bool:
        """Whether the key was given `scope` there; `read` covers every scope that ends with `:read`."""
        return any(
            (held.name == scope or (held.name == "read" and scope.endswith(":read")))
            and (not held.communities or community_id in held.communities)
            for held in self.scopes
        )


KEYS = Operation("GET", "/api/v1/keys", Nothing, KeyList, signed_in(), "List the caller's keys.")
CREATE_KEY = Operation(
    "POST", "/api/v1/keys", CreateKey, NewKey, signed_in(fresh=True), "Make a key: 409 when five work already.",
    status=201,
)  # fmt: skip
REGENERATE_KEY = Operation(
    "POST", "/api/v1/keys/{key_id}/regenerate", RegenerateKey, NewKey, signed_in(fresh=True), "Give a key a new secret."
)
REVOKE_KEY = Operation("DELETE", "/api/v1/keys/{key_id}", KeyId, NoneType, signed_in(), "End a key.", status=204)
VERIFY_KEY = Operation(
    "POST", "/api/v1/keys/verify", Secret, KeyOwner, any_service(),
    "Tell whose a key is; may be remembered for 60 s, dropped on `key.revoked`.",
)  # fmt: skip


# --- links between accounts


class StartLink(msgspec.Struct, frozen=True, omit_defaults=True):
    """Link an account of `platform` to the caller by a code that is typed there; with `name` only that account's."""

    platform: str
    name: str = ""


class LinkRequest(msgspec.Struct, frozen=True, omit_defaults=True):
    """An open request; `code` is told only when it is made, and only to the person who starts it in the portal.

    `presented` is the account that typed the code and waits for the person's word.
    """

    request_id: str
    platform: str
    expires_at: datetime
    code: str = ""
    expected: str = ""
    presented: Resolved | None = None


class LinkList(msgspec.Struct, frozen=True):
    """Linked accounts, those unlinked in the last seven days, and open requests."""

    accounts: tuple[LinkedAccount, ...]
    undoable: tuple[LinkedAccount, ...] = ()
    requests: tuple[LinkRequest, ...] = ()


class RequestId(msgspec.Struct, frozen=True):
    """Names an open request of the caller's."""

    request_id: str


LINKS = Operation("GET", "/api/v1/links", Nothing, LinkList, signed_in(), "List links and open requests.")
START_LINK = Operation(
    "POST", "/api/v1/links", StartLink, LinkRequest, signed_in(), "Get a code to type on the other platform.",
    status=201,
)  # fmt: skip
CONFIRM_LINK = Operation(
    "POST", "/api/v1/links/{request_id}/confirm", RequestId, LinkList, signed_in(fresh=True),
    "Say yes to the account that typed the code.",
)  # fmt: skip
DROP_LINK = Operation(
    "DELETE", "/api/v1/links/{request_id}", RequestId, NoneType, signed_in(), "Call a request off.", status=204
)
UNLINK = Operation(
    "DELETE", "/api/v1/accounts/{platform}/{user_id}", AccountKey, NoneType, signed_in(fresh=True),
    "Unlink an account: 409 for the last way to be reached.", status=204,
)  # fmt: skip
UNDO_UNLINK = Operation(
    "POST", "/api/v1/accounts/{platform}/{user_id}/undo", AccountKey, LinkList, signed_in(fresh=True),
    "Take an unlinked account back within seven days.",
)  # fmt: skip


# --- for operators


class MakeLink(msgspec.Struct, frozen=True, omit_defaults=True):
    """A one-time link for 24 hours: an invitation, or with `person_id` a way to set a new password."""

    person_id: str = ""
    address: str = ""
    operator: bool = False


class OneTimeLink(msgspec.Struct, frozen=True):
    """A link, shown once to the operator, who hands it on."""

    url: str
    kind: LinkKind
    expires_at: datetime


class ListPersons(msgspec.Struct, frozen=True, omit_defaults=True):
    """A page of persons; `q` is the beginning of a name."""

    q: str = ""
    page: int = 1
    per_page: int = 25


class PersonRow(msgspec.Struct, frozen=True, omit_defaults=True):
    """A person as operators see them."""

    person_id: str
    name: str
    state: str
    created_at: datetime
    operator: bool = False
    second_factor: bool = False
    accounts: int = 0


class PersonPage(msgspec.Struct, frozen=True):
    """One page of persons."""

    items: tuple[PersonRow, ...]
    page: int
    per_page: int
    total: int


class SetPersonState(msgspec.Struct, frozen=True):
    """Suspend a person, which ends their sessions and keys, or let them in again."""

    person_id: str
    state: Literal["active", "suspended"]


class SecurityEntry(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line of the security log; `place` is a shortened address."""

    at: datetime
    action: str
    result: str
    person_id: str = ""
    target: str = ""
    place: str = ""


class ListSecurity(msgspec.Struct, frozen=True, omit_defaults=True):
    """Newest first; for everybody but operators about themselves alone."""

    person_id: str = ""
    before: datetime | None = None


class SecurityLog(msgspec.Struct, frozen=True):
    """Up to 100 lines."""

    items: tuple[SecurityEntry, ...]


MAKE_SIGN_IN_LINK = Operation(
    "POST", "/api/v1/sign-in-links", MakeLink, OneTimeLink, operators(fresh=True),
    "Make a link that invites somebody or lets them set a new password.", status=201,
)  # fmt: skip
PERSONS = Operation("GET", "/api/v1/operator/persons", ListPersons, PersonPage, operators(), "List persons.")
SET_PERSON_STATE = Operation(
    "PATCH", "/api/v1/operator/persons/{person_id}", SetPersonState, PersonRow, operators(fresh=True),
    "Suspend somebody or let them in again.",
)  # fmt: skip
SECURITY_LOG = Operation(
    "GET", "/api/v1/security-log", ListSecurity, SecurityLog, signed_in(), "Show what concerned sign-in and keys."
)
