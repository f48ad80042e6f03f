"""What ai offers to translate a line for modules and people."""

from __future__ import annotations

from typing import Annotated

import msgspec

from flask_core.datamodels import Role
from flask_core.operations import Operation, any_service, people


class Translate(msgspec.Struct, frozen=True, omit_defaults=True):
    """A line and the language it shall be in, by code or English name; `source` is found out where it is not given."""

    community_id: int
    text: Annotated[str, msgspec.Meta(min_length=1, max_length=1_000)]
    to: Annotated[str, msgspec.Meta(min_length=2, max_length=30)]
    source: Annotated[str, msgspec.Meta(max_length=30)] = msgspec.field(name="from", default="")


class Translated(msgspec.Struct, frozen=True):
    """The line in the other language, the one it was in ("" when nobody can tell), and which model did it.

    `provider` is `cache` for what was translated within a day, and empty when nothing had to be.
    """

    text: str
    source: str = msgspec.field(name="from")
    provider: str


TRANSLATE = Operation(
    "POST", "/api/v1/communities/{community_id}/translate", Translate, Translated,
    any_service() | people(Role.VIEWER), "Translate a line.",
)  # fmt: skip
