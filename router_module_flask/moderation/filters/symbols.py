"""Symbols: walls of signs, and letters with towers of marks on them."""

from __future__ import annotations

import unicodedata
from typing import Annotated

import msgspec
import re2

from router_module_flask.moderation.filters.line import Check, Line

# Four marks on one letter are needed by no language; NFC has put the usual one or two into the letter before.
_TOWER = re2.compile(r"\pM{4,}")


class Symbols(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Emotes have a filter of their own and are no symbols here."""

    row: Annotated[int, msgspec.Meta(ge=3, le=200, title="This many in a row")] = 10
    percent: Annotated[int, msgspec.Meta(ge=0, le=99, title="Or more than this", description="percent")] = 50
    shortest: Annotated[int, msgspec.Meta(ge=1, le=200, title="Of lines with this many characters")] = 15
    zalgo: Annotated[bool, msgspec.Meta(title="See letters with towers of marks (Zalgo)")] = True


def check(values: Symbols) -> Check:
    """Too many signs in a row, too many in all, or towers."""

    def judge(line: Line) -> str | None:
        text = line.prose
        if values.zalgo and not text.isascii() and _TOWER.search(unicodedata.normalize("NFC", text)):
            return "towers of marks"
        signs = longest = row = shown = 0
        for sign in text:
            if sign.isspace():
                continue
            shown += 1
            row = row + 1 if _is_symbol(sign) else 0
            signs += row > 0
            longest = max(longest, row)
        if longest >= values.row:
            return f"{longest} symbols in a row"
        if shown >= values.shortest and signs * 100 > values.percent * shown:
            return f"{signs * 100 // shown} % symbols"
        return None

    return judge


def _is_symbol(sign: str) -> bool:
    if sign.isalnum():
        return False
    if sign.isascii():
        return True
    # So are pictures, M marks and C what joins them: people see one emoji. Everything else is a sign.
    return unicodedata.category(sign)[0] not in "MC" and not _is_picture(sign)


def _is_picture(sign: str) -> bool:
    return ord(sign) >= 0x1F000 or 0x2600 <= ord(sign) <= 0x27BF
