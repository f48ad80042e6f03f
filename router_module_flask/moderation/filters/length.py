"""Length: lines that nobody can read while chat runs."""

from __future__ import annotations

from typing import Annotated

import msgspec

from router_module_flask.moderation.filters.line import Check, Line


class Length(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """In characters."""

    longest: Annotated[int, msgspec.Meta(ge=20, le=4000, title="Longest line", description="characters")] = 400


def check(values: Length) -> Check:
    """A line that is too long."""

    def judge(line: Line) -> str | None:
        return f"{len(line.text)} characters" if len(line.text) > values.longest else None

    return judge
