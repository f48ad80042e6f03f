"""Capitals: people who shout."""

from __future__ import annotations

from typing import Annotated

import msgspec

from router_module_flask.moderation.filters.line import Check, Line
from router_module_flask.moderation.shapes import CAPITAL, SMALL


class Caps(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Letters that come in two sizes count; scripts without capitals are never too loud."""

    letters: Annotated[int, msgspec.Meta(ge=1, le=200, title="From this many letters on")] = 10
    percent: Annotated[int, msgspec.Meta(ge=0, le=99, title="More capitals than this", description="percent")] = 70


def check(values: Caps) -> Check:
    """Too many capitals in a line that is long enough."""

    def judge(line: Line) -> str | None:
        capitals = line.shapes.count(CAPITAL)
        letters = capitals + line.shapes.count(SMALL)
        if letters < values.letters or capitals * 100 <= values.percent * letters:
            return None
        return f"{capitals * 100 // letters} % capitals"

    return judge
