"""Forms of platforms that have none: portal shows them to one member, and their values come back as a command."""

from __future__ import annotations

from datetime import datetime

import msgspec

from flask_core.datamodels import Account, Form
from flask_core.operations import Operation, services

LIFE_SECONDS = 1_800
MOST_FIELDS = 25
LONGEST_VALUE = 2_000
MOST_VALUES = 12 * 1024


class Submitted(msgspec.Struct, frozen=True):
    """What somebody filled in, for `command` of `module`; several choices are one value each, joined by commas."""

    module: str
    command: str
    values: dict[str, str]


class MakeForm(msgspec.Struct, frozen=True, omit_defaults=True):
    """A form for one member; the same `key` makes it once. `person_id` is who else may open it, signed in."""

    key: str
    community_id: int
    community_name: str
    module: str
    channel: str
    account: Account
    form: Form
    person_id: str = ""


class MadeForm(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where the form is: `url` for the member alone, `public_url` asks for a sign-in. Empty without public address."""

    until: datetime
    url: str = ""
    public_url: str = ""


MAKE = Operation("POST", "/api/v1/forms", MakeForm, MadeForm, services("router"), "Show a form to one member.")


class FilledIn(msgspec.Struct, frozen=True):
    """A form that a member filled in; the same `form_id` counts once."""

    form_id: str
    channel: str
    account: Account
    submitted: Submitted


class Arrived(msgspec.Struct, frozen=True):
    """Whether it was new."""

    new: bool


FILLED_IN = Operation(
    "POST", "/api/v1/forms/filled-in", FilledIn, Arrived, services("portal"), "Take a form that was filled in.",
    status=202,
)  # fmt: skip
