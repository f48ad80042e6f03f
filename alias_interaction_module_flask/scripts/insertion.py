"""Puts what variables came to into a script, as data for exactly the place where it stands.

Two locks: the place is found by reading the script, and whatever is inserted is written with nothing but digits and
escapes. Where an author confuses the reading, an escape outside of a literal is a syntax error and no code.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from alias_interaction_module_flask.scripts.javascript import MARK, Kind, Token, ends_operand, tokens

_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,15})?")
_MISSING = "null"


@dataclass(frozen=True, slots=True)
class Inserted:
    """What a nested variable came to: None when there is nothing, `is_json` for the answer of `urlfetch json`."""

    text: str | None
    is_json: bool = False


def insert(pieces: Sequence[str | Inserted]) -> str:
    """The script to run: the author's text as it is, every value as data."""
    parts: list[str] = []
    values: dict[int, Inserted] = {}
    at = 0
    for piece in pieces:
        if isinstance(piece, Inserted):
            values[at] = piece
        parts.append(piece if isinstance(piece, str) else MARK)
        at += len(parts[-1])
    return _Writer(values).written(tokens("".join(parts), values))


class _Writer:
    def __init__(self, values: dict[int, Inserted]) -> None:
        self._values = values

    def written(self, read: list[Token]) -> str:
        out: list[str] = []
        before: Token | None = None
        for token in read:
            out.append(self._token(token, before))
            if token.kind not in {Kind.SPACE, Kind.COMMENT}:
                before = token
        return "".join(out)

    def _token(self, token: Token, before: Token | None) -> str:
        match token.kind:
            case Kind.VALUE:
                return _bare(self._values[token.start], ends_operand(before))
            case Kind.STRING:
                return self._filled(token, lambda text, _: _escaped(text))
            case Kind.TEMPLATE:
                # Something must stand there: `$` and `{` around nothing would open a hole.
                return self._filled(token, lambda text, _: _escaped(text) or '${""}')
            case Kind.REGEX:
                return self._filled(token, _in_regex)
            case Kind.COMMENT:
                return self._filled(token, lambda _, __: " ")
        return token.text

    def _filled(self, token: Token, write: Callable[[str, bool], str]) -> str:
        """The literal with its values; `write` gets the text and whether it stands in a class of a regex."""
        out: list[str] = []
        backslash = in_class = False
        for at, char in enumerate(token.text, token.start):
            value = self._values.get(at) if char == MARK else None
            if value is not None:
                if backslash:
                    # It escaped the variable's own sign, which is gone.
                    out.pop()
                text = _MISSING if value.text is None else value.text
                out.append(write(text, in_class))
            else:
                out.append(char)
                in_class = in_class if backslash else (in_class or char == "[") and char != "]"
            backslash = char == "\\" and not backslash
        return "".join(out)


def _bare(value: Inserted, beside_another: bool) -> str:
    """A literal with room around it, so that it never becomes part of a word or a sign beside it."""
    if value.text is None:
        return f" {_MISSING} "
    if value.is_json:
        return f' JSON.parse("{_escaped(value.text)}") '
    if _NUMBER.fullmatch(value.text) and value.text[0] != "-":
        return f" {value.text} "
    if _NUMBER.fullmatch(value.text) and not beside_another:
        # Bracketed for `1-$(1)` and `$(1)**2`; beside another value that would be a call.
        return f" ({value.text}) "
    return f' "{_escaped(value.text)}" '


def _in_regex(text: str, in_class: bool) -> str:
    return _escaped(text) or ("" if in_class else "(?:)")


def _escaped(text: str) -> str:
    """The same characters for a string, a template and a regular expression, and nothing at all elsewhere."""
    return "".join(char if "0" <= char <= "9" else _escape(char) for char in text)


def _escape(char: str) -> str:
    code = ord(char)
    if code < 0x100:
        return f"\\x{code:02x}"
    if code < 0x10000:
        return f"\\u{code:04x}"
    code -= 0x10000
    return f"\\u{0xD800 + (code >> 10):04x}\\u{0xDC00 + (code & 0x3FF):04x}"
