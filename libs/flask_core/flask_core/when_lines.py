"""A reminder's line taken apart: which words are the time, and which are the text."""

from __future__ import annotations

from flask_core.grammar import Token, tokenize
from flask_core.when_english import JOINTS
from flask_core.when_reader import PastError, Reader, When, WhenError

_MOST_TOKENS, _LONGEST_TIME = 200, 14
_TWO_TIMES = 'I see two times. Put quotes around the text: !remind me in 2h "the text"'


def split(reader: Reader, line: str) -> tuple[When, str]:
    """The longest time phrase at the start, else at the end, and the rest; what stands in quotes stays together.

    Raises WhenError when there is none, or when both ends are times of their own.
    """
    line = line.strip()
    tokens = tokenize(line)[:_MOST_TOKENS]
    front, back = _longest(reader, tokens, first=True), _longest(reader, tokens, first=False)
    if front and back and front[1] + back[1] <= len(tokens):
        front, back = _the_unquoted(tokens, front, back)
        if front and back:
            raise WhenError(line, tokens[len(tokens) - back[1]].start, _TWO_TIMES)
    if front:
        return front[0], _text(line, tokens[front[1] :])
    if back:
        return back[0], _text(line, tokens[: -back[1]])
    raise _not_understood(reader, line, tokens)


type _Found = tuple[When, int] | None


def _longest(reader: Reader, tokens: list[Token], *, first: bool) -> _Found:
    """The longest time at one end, and how many tokens it takes."""
    over: PastError | None = None
    for count in range(min(len(tokens), _LONGEST_TIME), 0, -1):
        part = tokens[:count] if first else tokens[-count:]
        try:
            return reader.read(" ".join(token.text for token in part).removesuffix(":")), count
        except PastError as error:
            over = over or error
        except WhenError:
            continue
    if over is not None:
        raise over
    return None


def _the_unquoted(tokens: list[Token], front: _Found, back: _Found) -> tuple[_Found, _Found]:
    """`in 2h "tomorrow"`: of two times the one in quotes is the text."""
    assert front is not None
    assert back is not None
    if front[1] == 1 and tokens[0].quoted and not tokens[-1].quoted:
        return None, back
    if back[1] == 1 and tokens[-1].quoted and not tokens[0].quoted:
        return front, None
    return front, back


def _text(line: str, tokens: list[Token]) -> str:
    while len(tokens) > 1 and not tokens[0].quoted and tokens[0].text.lower() in JOINTS:
        tokens = tokens[1:]
    if len(tokens) == 1 and tokens[0].quoted:
        return tokens[0].text
    return line[tokens[0].start : tokens[-1].end].removesuffix(":").rstrip() if tokens else ""


def _not_understood(reader: Reader, line: str, tokens: list[Token]) -> WhenError:
    """About the first word that cannot be part of a time."""
    try:
        reader.read(line)
    except WhenError as error:
        return error
    return WhenError(line, 0)
