"""What kind of sign every character of a text is, as one letter each: counting and searching in that is cheap."""

from __future__ import annotations

import unicodedata
from functools import cache

CAPITAL, SMALL, MARK, SPACE, SYMBOL = b"U", b"l", b"m", b" ", b"!"
_OTHER = b"."
# Behind these planes there are ideographs and what is invisible: others, like everything that has no entry.
_KNOWN = 0x20000


def shapes(text: str) -> bytes:
    """One of CAPITAL, SMALL, MARK, SPACE and SYMBOL per character, something else for what is none of them."""
    if text.isascii():
        return text.encode("ascii").translate(_OF_ASCII)
    return text.translate(_of_all()).encode("ascii", "replace")


def prepare() -> None:
    """Look all characters up, which takes a moment."""
    _of_all()


@cache
def _of_all() -> str:
    # A string is the smallest thing that str.translate can look up in.
    return b"".join(map(_shape, map(chr, range(_KNOWN)))).decode("ascii")


def _shape(sign: str) -> bytes:
    category = unicodedata.category(sign)[0]
    if category == "M":
        return MARK
    if sign.isupper():
        return CAPITAL
    if sign.islower():
        return SMALL
    if sign.isspace():
        return SPACE
    return SYMBOL if _is_symbol(sign, category) else _OTHER


def _is_symbol(sign: str, category: str) -> bool:
    if sign.isalnum():
        return False
    # Pictures are none, nor is what joins them (C): people see one emoji. Everything else is a sign.
    return sign.isascii() or not (category == "C" or _is_picture(sign))


def _is_picture(sign: str) -> bool:
    return ord(sign) >= 0x1F000 or 0x2600 <= ord(sign) <= 0x27BF


_OF_ASCII = b"".join(map(_shape, map(chr, range(128)))).ljust(256, _OTHER)
