"""What identity offers: persons behind accounts."""

from __future__ import annotations

import msgspec

from flask_core.operations import Operation, any_service


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


LOOKUP = Operation(
    "POST", "/api/v1/accounts/lookup", LookUp, LookUpAnswer, any_service(), "Tell who accounts belong to."
)
