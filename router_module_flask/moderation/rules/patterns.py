"""What people write into rules, as patterns of RE2: linear time whatever they wrote and whatever is matched."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from itertools import pairwise
from typing import Any

import msgspec
import re2

from flask_core.contracts.rules import Match
from flask_core.errors import InvalidInput
from router_module_flask.moderation.normalising import seen

LONGEST = 500
_ONE_PATTERN = 128 << 10
_NO_WORD = r"[^\pL\pN_]"
_SENTENCES = {
    "invalid perl operator": "this kind of group (look-around, named reference) is not supported",
    "invalid escape sequence": "this escape, or a back-reference, is not supported",
    "missing )": "this bracket is never closed",
    "unexpected )": "this bracket was never opened",
    "missing ]": "this bracket is never closed",
    "no argument for repetition operator": "there is nothing here to repeat",
    "bad repetition operator": "this repetition cannot be repeated again",
    "invalid repetition size": "this is repeated too often",
    "invalid character class range": "this range of characters does not exist",
    "invalid named capture group": "this name of a group cannot be used",
    "trailing \\": "a backslash needs something behind it",
}


class Sought(msgspec.Struct, frozen=True):
    """`pattern` finds candidates with RE2; `confirms`, where there is one, tells whether a text really matches."""

    pattern: str
    confirms: Callable[[str], bool] | None = None


def sought(match: Match, pattern: str, normalise: bool) -> Sought:
    """How to look for a rule's pattern in a text that went through the same normalising.

    Raises InvalidInput where there is nothing to look for, or with the position of the mistake in an expression.
    """
    if not 1 <= len(pattern) <= LONGEST or not pattern.isprintable():
        raise _wrong(f"A pattern has 1 to {LONGEST} characters that can be seen.")
    if match == "regex":
        check(pattern)
        return Sought(f"(?i){pattern}" if normalise else pattern)
    literal = seen(pattern) if normalise else pattern
    if not literal.strip():
        raise _wrong("Nothing of this pattern is left to look for.")
    if match == "exact":
        return Sought(rf"^\s*{escaped(literal.strip())}\s*$")
    if match == "contains":
        return Sought(escaped(literal))
    if match == "word":
        word = literal.strip()
        return Sought(_edged(word, escaped(word)), lambda text: has_word(text, word))
    return _wildcard(literal.strip())


def check(pattern: str) -> None:
    """Raise InvalidInput, naming the position, unless RE2 takes the expression and it stays small."""
    problem = _problem(pattern)
    if problem is None:
        return
    kind, _, fragment = problem.partition(": ")
    if kind not in _SENTENCES:
        raise _wrong("This expression is too large, or cannot be read.", reason=problem)
    position = _position(pattern, kind, fragment)
    raise _wrong(f"At character {position}: {_SENTENCES[kind]}.", position=position, reason=problem)


def escaped(literal: str) -> str:
    """The pattern that matches exactly this text."""
    return str(re2.escape(literal))


def has_word(text: str, word: str) -> bool:
    """Whether `word` stands in `text` with no letter, digit or underscore directly before or behind it."""
    at = text.find(word)
    while at >= 0:
        end = at + len(word)
        if not (at and _in_word(text[at - 1])) and not (end < len(text) and _in_word(text[end])):
            return True
        at = text.find(word, at + 1)
    return False


def _in_word(character: str) -> bool:
    return character.isalnum() or character == "_"


def _edged(literal: str, pattern: str) -> str:
    """Edges that RE2 checks cheaply: plain letters only, the rest is for whoever confirms."""
    before = r"\b" if _plain(literal[0]) else ""
    return before + pattern + (r"\b" if _plain(literal[-1]) else "")


def _plain(character: str) -> bool:
    return character.isascii() and _in_word(character)


def _wildcard(literal: str) -> Sought:
    left, right = not literal.startswith("*"), not literal.endswith("*")
    inner = literal.strip("*")
    pattern = "".join({"*": ".*", "?": "."}.get(part, escaped(part)) for part in _parts(inner))
    if not inner:
        return Sought("(?s).")
    quick = (r"\b" if left and _plain(inner[0]) else "") + pattern + (r"\b" if right and _plain(inner[-1]) else "")
    if not (left or right):
        return Sought(f"(?s){quick}")
    exactly = f"(?s){f'(?:^|{_NO_WORD})' if left else ''}{pattern}{f'(?:{_NO_WORD}|$)' if right else ''}"

    @cache
    def compiled() -> re2._Regexp:
        return re2.compile(exactly, _options())

    return Sought(f"(?s){quick}", lambda text: compiled().search(text) is not None)


def _parts(inner: str) -> Iterator[str]:
    """Runs of plain characters, and every `*` and `?` alone."""
    cuts = [0, *(cut for at, c in enumerate(inner) if c in "*?" for cut in (at, at + 1)), len(inner)]
    yield from (inner[first:last] for first, last in pairwise(cuts) if first < last)


@cache
def _options() -> re2.Options:
    options = re2.Options()
    options.max_mem, options.log_errors = _ONE_PATTERN, False
    return options


def _problem(pattern: str) -> str | None:
    """What RE2 says about the expression: a kind of mistake, a colon, and where it lies."""
    try:
        re2.compile(pattern, _options())
    except re2.error as error:
        said = error.args[0]
        return said.decode(errors="replace") if isinstance(said, bytes) else str(said)
    return None


def _position(pattern: str, kind: str, fragment: str) -> int:
    """The character, counted from 1, at which the mistake begins; RE2 itself tells the mistake only."""
    if kind in {"missing )", "unexpected )"}:
        return _lone_bracket(pattern, kind) + 1
    problem = f"{kind}: {fragment}" if fragment else kind
    # The shortest beginning with the same mistake ends where the mistake does, or a little behind it.
    end = next((end for end in range(1, len(pattern)) if _problem(pattern[:end]) == problem), len(pattern))
    return max(0, pattern.rfind(fragment or "\\", 0, end)) + 1


def _lone_bracket(pattern: str, kind: str) -> int:
    open_at: list[int] = []
    at = 0
    while at < len(pattern):
        if pattern[at] == "\\":
            at += 1
        elif pattern[at] == "[":
            at = _end_of_class(pattern, at)
        elif pattern[at] == "(":
            open_at.append(at)
        elif pattern[at] == ")":
            if not open_at and kind == "unexpected )":
                return at
            if open_at:
                open_at.pop()
        at += 1
    return open_at[-1] if open_at else 0


def _end_of_class(pattern: str, at: int) -> int:
    at += 2 if pattern[at + 1 : at + 2] == "^" else 1
    first = True
    while at < len(pattern) and (pattern[at] != "]" or first):
        at += 2 if pattern[at] == "\\" else 1
        first = False
    return at


def _wrong(sentence: str, **details: Any) -> InvalidInput:
    return InvalidInput(sentence, field="pattern", **details)
