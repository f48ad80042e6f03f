"""Formats with `{{field}}` in them."""

from __future__ import annotations

import re
from collections.abc import Callable

_FIELD = re.compile(r"\{\{\s*([A-Za-z]{1,30})\s*\}\}")


def filled(text: str, value: Callable[[str], str]) -> str:
    """The text with the value of each field; one that nobody knows is empty. Values are not read again."""
    return _FIELD.sub(lambda found: value(found[1]), text)


def fields_in(text: str) -> list[str]:
    """The fields that a format asks for."""
    return [found[1] for found in _FIELD.finditer(text)]
