"""Where the things of an import go: each kind has a place that finds, makes, changes and removes them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from alias_interaction_module_flask.imports.rows import Becomes
from alias_interaction_module_flask.models import By, Origin
from flask_core.operations import Acting


@dataclass(frozen=True, slots=True)
class Who:
    """The admin for whom it is done, as alias and as other modules know them, and where."""

    community_id: int
    by: By
    acting: Acting
    now: datetime


@dataclass(frozen=True, slots=True)
class Present:
    """A thing as it is here now; `version` 0 has none. One that nobody `touched` is in nobody's way.

    Of what was to be made, `made` is False when it was there all the time.
    """

    result_id: str
    version: int
    becomes: Becomes
    touched: bool = True
    made: bool = True


class Place(Protocol):
    """Raises the family's errors: Unavailable when it is away, Stale when somebody was faster."""

    async def find(self, who: Who, result_id: str) -> Present | None:
        """The thing with this id."""
        ...

    async def in_the_way(self, who: Who, becomes: Becomes) -> Present | None:
        """What has the name, or is the one thing of its kind."""
        ...

    async def make(self, who: Who, becomes: Becomes, origin: Origin) -> Present:
        """A new one."""
        ...

    async def change(self, who: Who, present: Present, becomes: Becomes, origin: Origin) -> Present:
        """Let it be like that."""
        ...

    async def remove(self, who: Who, present: Present) -> None:
        """Away with it."""
        ...
