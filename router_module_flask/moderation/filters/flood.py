"""Flood: so many lines that nobody else is read."""

from __future__ import annotations

from typing import Annotated

import msgspec

from router_module_flask.moderation.filters.line import Check, Line


class Flood(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Of one member in one channel."""

    messages: Annotated[int, msgspec.Meta(ge=2, le=30, title="Most messages")] = 5
    seconds: Annotated[int, msgspec.Meta(ge=2, le=120, title="Within", description="seconds")] = 10


def check(values: Flood) -> Check:
    """More lines than that, this one included."""

    def judge(line: Line) -> str | None:
        lines = 0 if line.edited else line.lately.own_lines(values.seconds)
        return f"{lines} messages in {values.seconds} s" if lines > values.messages else None

    return judge
