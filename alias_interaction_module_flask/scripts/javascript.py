"""Splits JavaScript into tokens, so that what stands inside strings, comments and regular expressions is known.

The text is the author's. Where something else will stand is marked by its offset; a mark is a token of its own
wherever code stands, and part of the token around it elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import Enum

MARK = "\ufdd0"
"""What stands for an inserted value; it counts only at the offsets that were named."""


class Kind(Enum):
    """What a token is."""

    SPACE = "space"
    COMMENT = "comment"
    WORD = "word"
    NUMBER = "number"
    STRING = "string"
    TEMPLATE = "template"
    REGEX = "regex"
    SIGN = "sign"
    VALUE = "value"


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the text from `start` on; a template is the text between its holes, signs included."""

    kind: Kind
    text: str
    start: int


_LINE_ENDS = "\n\r\u2028\u2029"
_SPACE = re.compile(r"[\s\ufeff]+")
_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)|(?://|<!--)[^\n\r\u2028\u2029]*", re.DOTALL)
_HTML_CLOSE = re.compile(r"-->[^\n\r\u2028\u2029]*")
_WORD = re.compile(r"(?:[\w$\u200c\u200d]|\\u(?:\{\w+\})?)+")
_NUMBER = re.compile(r"(?:0[xXbBoO]\w+|(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d+)?n?)", re.ASCII)
_STRING = re.compile(r"'(?:[^'\\\n\r]|\\(?:\r\n|.))*'?|\"(?:[^\"\\\n\r]|\\(?:\r\n|.))*\"?", re.DOTALL)
_TEMPLATE = re.compile(r"(?:[^`\\$]|\\.|\$(?!\{))*(?:`|\$\{|\Z)?", re.DOTALL)
_REGEX = re.compile(r"/(?:[^/\\\[\n\r]|\\[^\n\r]|\[(?:[^\]\\\n\r]|\\[^\n\r])*\])+(?:/\w*)?")
_SIGN = re.compile(r"=>|\+\+|--|\.\.\.|\?\.(?!\d)|[=!]==?|&&|\|\||\?\?|\*\*|.", re.DOTALL)

_BEFORE_VALUES = frozenset(
    "return typeof instanceof in of new delete void throw case do else yield await".split()  # noqa: SIM905
)
_BEFORE_BRACKETS = frozenset({"if", "while", "for", "with"})
_BEFORE_BLOCKS = frozenset({"else", "do", "try", "finally", "static"})
_OPENS_BLOCK = frozenset({"", ";", "{", "}", ")", "=>"})
_CODE = frozenset({Kind.WORD, Kind.NUMBER, Kind.STRING, Kind.TEMPLATE, Kind.REGEX, Kind.SIGN, Kind.VALUE})


def tokens(text: str, marks: Collection[int] = ()) -> list[Token]:
    """All tokens of `text` in order, together exactly the text. Never fails: what is not JavaScript is signs."""
    return list(_Reader(text, frozenset(marks)).read())


def ends_operand(before: Token | None) -> bool:
    """Whether a value that follows this token would stand beside another one, which no expression allows."""
    if before is None:
        return False
    if before.kind is Kind.SIGN:
        return before.text in {")", "]", "}", "++", "--"}
    if before.kind is Kind.TEMPLATE:
        return before.text.endswith("`")
    return before.kind is not Kind.WORD or before.text not in _BEFORE_VALUES


class _Reader:
    """Remembers which brackets are open, by which a division is told from a regular expression."""

    def __init__(self, text: str, marks: frozenset[int]) -> None:
        self._text = text
        self._marks = marks
        self._at = 0
        self._last: Token | None = None
        self._before_last: Token | None = None
        self._open: list[str] = []
        self._value_may_follow = True
        self._line_began = True

    def read(self) -> Iterator[Token]:
        if self._text.startswith("#!"):
            yield self._token(Kind.COMMENT, re.match(r"[^\n\r]*", self._text))
        while self._at < len(self._text):
            token = self._next()
            yield token
            if token.kind in _CODE:
                self._note(token)

    def _next(self) -> Token:
        if self._at in self._marks:
            return self._token(Kind.VALUE, _SIGN.match(self._text, self._at))
        return self._between() or self._literal() or self._word_or_sign()

    def _between(self) -> Token | None:
        """Room and comments; `-->` begins one at the beginning of a line only."""
        text, at = self._text, self._at
        if space := _SPACE.match(text, at):
            self._line_began = self._line_began or any(end in space[0] for end in _LINE_ENDS)
            return self._token(Kind.SPACE, space)
        comment = _COMMENT.match(text, at) or (_HTML_CLOSE.match(text, at) if self._line_began else None)
        if comment is None:
            return None
        self._line_began = self._line_began or any(end in comment[0] for end in _LINE_ENDS)
        return self._token(Kind.COMMENT, comment)

    def _literal(self) -> Token | None:
        text, at = self._text, self._at
        char = text[at]
        if char == "`" or (char == "}" and self._open and self._open[-1] == "hole"):
            return self._template(at)
        if char in "'\"":
            return self._token(Kind.STRING, _STRING.match(text, at))
        if char == "/" and self._value_may_follow and (regex := _REGEX.match(text, at)):
            return self._token(Kind.REGEX, regex)
        number = _NUMBER.match(text, at)
        return self._token(Kind.NUMBER, number) if number else None

    def _word_or_sign(self) -> Token:
        word = _WORD.match(self._text, self._at)
        return self._token(Kind.WORD, word) if word else self._token(Kind.SIGN, _SIGN.match(self._text, self._at))

    def _template(self, at: int) -> Token:
        if self._text[at] == "}":
            self._open.pop()
        body = _TEMPLATE.match(self._text, at + 1)
        end = body.end() if body else at + 1
        token = Token(Kind.TEMPLATE, self._text[at:end], at)
        if token.text.endswith("${"):
            self._open.append("hole")
        self._at = end
        return token

    def _token(self, kind: Kind, found: re.Match[str] | None) -> Token:
        assert found is not None
        token = Token(kind, found[0], self._at)
        self._at += len(found[0])
        return token

    def _note(self, token: Token) -> None:
        self._value_may_follow = self._before_value(token)
        self._before_last, self._last = self._last, token
        self._line_began = False

    def _before_value(self, token: Token) -> bool:
        """Whether a slash after this token begins a regular expression."""
        sign = token.text
        if token.kind is Kind.WORD:
            return sign in _BEFORE_VALUES and not self._names_a_member()
        if token.kind is Kind.TEMPLATE:
            return sign.endswith("${")
        if token.kind is not Kind.SIGN:
            return False
        if sign in "([{":
            self._open.append(self._opening(sign))
            return True
        if sign in ")]}":
            return (self._open.pop() if self._open else "") in {"condition", "block"}
        return sign not in {"++", "--"}

    def _opening(self, sign: str) -> str:
        last = self._last.text if self._last else ""
        if sign == "(":
            return "condition" if last in _BEFORE_BRACKETS and not self._names_a_member(self._before_last) else "group"
        if sign == "[":
            return "list"
        named = self._last is not None and self._last.kind is Kind.WORD
        block = last in _OPENS_BLOCK or last in _BEFORE_BLOCKS or (named and last not in _BEFORE_VALUES)
        return "block" if block else "object"

    def _names_a_member(self, before: Token | None = None) -> bool:
        before = before or self._last
        return before is not None and before.text in {".", "?."}
