"""What identity keeps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class PersonRow:
    """Somebody who signed in or linked an account."""

    id: str
    name: str
    operator: bool
    state: str
    created_at: datetime


class Owner(NamedTuple):
    """Whose an account is, and since when it is linked; None for the one that the person was made of."""

    person_id: str = ""
    name: str = ""
    linked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A sign-in that goes on; the secret itself is in the browser only."""

    id: str
    person_id: str
    browser: str
    signed_in_at: datetime
    last_used_at: datetime
    expires_at: datetime
    second_factor: bool = False


@dataclass(frozen=True, slots=True)
class StoredUser:
    """A person's credentials, with the state of the person."""

    person_id: str
    name: str
    address: str
    password_hash: str
    uniquifier: str
    totp_method: str | None
    totp_secret: str | None
    totp_counter: int | None
    state: str

    @property
    def active(self) -> bool:
        """Whether this person may sign in."""
        return self.state == "active"


@dataclass(frozen=True, slots=True)
class KeyRow:
    """An API key; its secret is with its owner only. `scopes` are JSON."""

    id: str
    person_id: str
    name: str
    start: str
    scopes: str
    days: int
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SeenAccount:
    """An account as a trigger stated it: the ids count, the names are decoration."""

    platform: str
    user_id: str
    login: str = ""
    display_name: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """Platform and user id there: what an account is."""
        return self.platform, self.user_id

    @property
    def name(self) -> str:
        """How people call it."""
        return self.display_name or self.login or self.user_id

    @property
    def place(self) -> str:
        """The account in a sentence: `ann (Discord)`."""
        return f"{self.name} ({self.platform.capitalize()})"


@dataclass(frozen=True, slots=True)
class OwnAccount:
    """An account that was linked; `merge_id` is the one that community was told, empty for the first account."""

    account: SeenAccount
    merge_id: str
    verified_at: datetime


class AccountOwner(NamedTuple):
    """Whose an account is, since when, and whether the person was made of it."""

    person_id: str
    linked_at: datetime
    founding: bool


@dataclass(frozen=True, slots=True)
class LinkRequest:
    """Somebody wants `platform`'s account `expected` (empty: whichever types the code) to be theirs.

    `source` is the account that began, or None when it was begun in the portal; `presented` typed the code.
    """

    id: str
    person_id: str
    platform: str
    source: SeenAccount | None
    expected: str
    expected_name: str
    presented: SeenAccount | None
    source_agrees: bool
    created_at: datetime
    expires_at: datetime
