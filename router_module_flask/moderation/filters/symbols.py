"""Symbols: walls of signs, and letters with towers of marks on them."""

from __future__ import annotations

import re
from typing import Annotated

import msgspec

from router_module_flask.moderation.filters.line import Check, Line
from router_module_flask.moderation.normalising import normal
from router_module_flask.moderation.shapes import MARK, SPACE, SYMBOL, shapes

# Four marks on one letter are needed by no language; NFC has put the usual one or two into the letter before.
_TOWER = MARK * 4
# Of the few characters that NFC takes apart, each comes to two marks.
_MAYBE_TOWER = MARK * 2
_ROW = re.compile(SYMBOL + b"+")


class Symbols(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Emotes have a filter of their own and are no symbols here."""

    row: Annotated[int, msgspec.Meta(ge=3, le=200, title="This many in a row")] = 10
    percent: Annotated[int, msgspec.Meta(ge=0, le=99, title="Or more than this", description="percent")] = 50
    shortest: Annotated[int, msgspec.Meta(ge=1, le=200, title="Of lines with this many characters")] = 15
    zalgo: Annotated[bool, msgspec.Meta(title="See letters with towers of marks (Zalgo)")] = True


def check(values: Symbols) -> Check:
    """Too many signs in a row, too many in all, or towers."""
    row = SYMBOL * values.row

    def judge(line: Line) -> str | None:
        found = line.shapes
        if values.zalgo and _MAYBE_TOWER in found and _TOWER in shapes(normal("NFC", line.prose)):
            return "towers of marks"
        signs = found.count(SYMBOL)
        if not signs:
            return None
        shown = found.translate(None, SPACE)
        if row in shown:
            return f"{max(map(len, _ROW.findall(shown)))} symbols in a row"
        if len(shown) >= values.shortest and signs * 100 > values.percent * len(shown):
            return f"{signs * 100 // len(shown)} % symbols"
        return None

    return judge
