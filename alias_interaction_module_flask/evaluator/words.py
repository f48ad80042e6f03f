"""The words behind a command."""

from __future__ import annotations

import re

from alias_interaction_module_flask.evaluator.template import Dialect

# A quote opens only where a word begins, and closes only where one ends: `it's` opens nothing.
_WORDS = re.compile(r"""(?<!\S)(?:"([^"]*)"|'([^']*)'|“([^“”]*)”|‘([^‘’]*)’)(?!\S)|(\S+)""")


def words_of(text: str, dialect: Dialect) -> list[str]:
    """Split at white space; in our own dialect `"New York"` is one word."""
    if dialect is not Dialect.WADDLE or not any(quote in text for quote in "\"'“‘"):
        return text.split()
    return [next(group for group in found.groups() if group is not None) for found in _WORDS.finditer(text)]
