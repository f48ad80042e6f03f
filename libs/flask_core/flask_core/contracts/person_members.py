"""What community tells identity's desk: under which members a person stands, and which communities they own."""

from __future__ import annotations

import msgspec

from flask_core.operations import Operation, services


class PersonOf(msgspec.Struct, frozen=True, omit_defaults=True):
    """A person with their accounts, as (platform, user id)."""

    person_id: str
    accounts: tuple[tuple[str, str], ...] = ()


class OwnMembers(msgspec.Struct, frozen=True):
    """Every member id that is or was the person's, and the names of the communities they own."""

    member_ids: tuple[str, ...]
    owns: tuple[str, ...]


OWN_MEMBERS = Operation(
    "POST", "/api/v1/persons/members", PersonOf, OwnMembers, services("identity"),
    "Tell under which members a person stands, and what they own.",
)  # fmt: skip
