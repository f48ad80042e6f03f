"""The grammar of a command line: one tokenizer, one binding of words to arguments."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from flask_core.datamodels import Argument, ArgumentKind, CommandCard
from flask_core.errors import InvalidInput

_QUOTES = {'"': '"', "'": "'", "“": "”", "„": "“", "‘": "’", "«": "»"}
_ANY_QUOTE = re.compile(f"[{''.join(_QUOTES)}]")
_WORD = re.compile(r"\S+")
_INVISIBLE = dict.fromkeys([0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF, 0x00AD])
_DECIMAL = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_COUNT = r"([0-9]{1,9})"
_DURATION = re.compile(rf"(?:{_COUNT}d)?(?:{_COUNT}h)?(?:{_COUNT}m(?:in)?)?(?:{_COUNT}s)?", re.IGNORECASE | re.ASCII)
_UNIT_SECONDS = (86_400, 3_600, 60, 1)
_LONGEST_DURATION = 100 * 366 * 86_400
_YES = frozenset({"yes", "on", "true", "1", "y"})
_NO = frozenset({"no", "off", "false", "0", "n"})
_MENTION = re.compile(r"<@!?([A-Za-z0-9.]+)(?:\|[^>]*)?>")


class Token(msgspec.Struct, frozen=True):
    """A word of the line: its text without quotes, where it starts, and whether it was quoted."""

    text: str
    start: int
    end: int
    quoted: bool


class UsageError(InvalidInput):
    """The words do not fit the command; the sentence is its usage line."""

    def __init__(self, usage: str) -> None:
        super().__init__(f"Usage: {usage}")


def clean(text: str) -> str:
    """The line as commands see it: NFKC, without invisible characters, without space at the ends."""
    if text.isascii():
        return text.strip()
    return unicodedata.normalize("NFKC", text.translate(_INVISIBLE)).strip()


def tokenize(line: str) -> list[Token]:
    """Split at spaces; quotes group, `\\"` escapes, an unclosed quote takes the rest."""
    return list(_tokens(line)) if _ANY_QUOTE.search(line) else _plain_words(line)


def _plain_words(line: str) -> list[Token]:
    end = 0
    return [Token(word, start := line.find(word, end), end := start + len(word), quoted=False) for word in line.split()]


def _tokens(line: str) -> Iterator[Token]:
    at, apostrophes_quote = 0, True
    while at < len(line):
        if line[at].isspace():
            at += 1
            continue
        quoted = _quoted(line, at) if line[at] in _QUOTES and (line[at] != "'" or apostrophes_quote) else None
        if quoted is None and line[at] == "'":
            # Nothing closes this one, so nothing closes a later one either; to look again each time is slow.
            apostrophes_quote = False
        token = quoted or _word(line, at)
        yield token
        at = token.end


def _word(line: str, start: int) -> Token:
    word = _WORD.match(line, start)
    assert word is not None, "it starts with something"
    return Token(word[0], start, word.end(), quoted=False)


def _quoted(line: str, start: int) -> Token | None:
    closing = _QUOTES[line[start]]
    taken: list[str] = []
    at = start + 1
    while at < len(line):
        if line[at] == "\\" and line[at + 1 : at + 2] in {closing, "\\"}:
            taken.append(line[at + 1])
            at += 2
        elif line[at] == closing and (at + 1 == len(line) or line[at + 1].isspace()):
            return Token("".join(taken), start, at + 1, quoted=True)
        else:
            taken.append(line[at])
            at += 1
    # An apostrophe opens a quote only where another closes it: "'tis fine" is plain words.
    return None if line[start] == "'" else Token("".join(taken), start, at, quoted=True)


def duration_seconds(text: str) -> int | None:
    """`90s`, `2h30m`, `7d`, or None when the text is no duration, or one of more than a hundred years."""
    found = _DURATION.fullmatch(text)
    if found is None or not any(found.groups()):
        return None
    total = sum(int(part) * seconds for part, seconds in zip(found.groups(), _UNIT_SECONDS, strict=True) if part)
    return total if total <= _LONGEST_DURATION else None


def bind(card: CommandCard, line: str, tokens: list[Token]) -> dict[str, Any]:
    """The arguments of `card` out of the tokens behind its path; raises UsageError when they do not fit.

    A `rest` argument is the line as typed from its first token on (one quoted token loses its quotes).
    An argument with `after` begins behind that word, wherever the last one stands.
    """
    values: dict[str, Any] = {}
    keywords = [argument for argument in card.arguments if argument.after or argument.flag]
    words, at = _take_keywords(card, keywords, line, tokens, values) if keywords else tokens, 0
    for argument in card.arguments:
        if argument.after or argument.flag:
            continue
        if at == len(words):
            if argument.required:
                raise UsageError(card.usage)
        elif argument.kind is ArgumentKind.REST:
            values[argument.name] = _rest(line, words[at:])
            at = len(words)
        else:
            values[argument.name] = _value(card, argument, words[at].text)
            at += 1
    if at < len(words):
        raise UsageError(card.usage)
    return values


def bind_values(card: CommandCard, values: Mapping[str, str]) -> dict[str, Any]:
    """The arguments of `card` out of texts by name, as a form has them; raises UsageError when they do not fit."""
    bound: dict[str, Any] = {}
    for argument in card.arguments:
        text = values.get(argument.name, "").strip()
        if text:
            bound[argument.name] = _value(card, argument, text)
        elif argument.required:
            raise UsageError(card.usage)
    return bound


def _take_keywords(
    card: CommandCard, keywords: list[Argument], line: str, words: list[Token], values: dict[str, Any]
) -> list[Token]:
    """The words that no keyword took; what keywords took is in `values`."""
    # Flags first: they may stand behind the words that an `after` argument would take.
    for argument in sorted(keywords, key=lambda argument: not argument.flag):
        if argument.flag:
            words, found = _take_flag(argument, words)
            if found is not None:
                values[argument.name] = _value(card, argument, found)
        else:
            words, found = _take_after(argument, line, words)
            if found is not None:
                values[argument.name] = found
        if argument.required and argument.name not in values:
            raise UsageError(card.usage)
    return words


def _take_flag(argument: Argument, words: list[Token]) -> tuple[list[Token], str | None]:
    for index, token in enumerate(words[:-1]):
        if not token.quoted and token.text.lower() == f"--{argument.name}":
            return words[:index] + words[index + 2 :], words[index + 1].text
    return words, None


def _take_after(argument: Argument, line: str, words: list[Token]) -> tuple[list[Token], str | None]:
    for index in range(len(words) - 2, 0, -1):
        if not words[index].quoted and words[index].text.lower() == argument.after:
            return words[:index], _rest(line, words[index + 1 :])
    return words, None


def _rest(line: str, words: list[Token]) -> str:
    if len(words) == 1:
        return words[0].text
    return line[words[0].start : words[-1].end]


def _value(card: CommandCard, argument: Argument, text: str) -> Any:
    value = _CONVERT[argument.kind](text, argument)
    if value is None:
        raise UsageError(card.usage)
    return value


def _integer(text: str, _: Argument) -> int | None:
    number = text.removeprefix("#").removeprefix("+")
    digits = number.removeprefix("-")
    return int(number) if len(number) <= 18 and digits.isascii() and digits.isdigit() else None


def _decimal(text: str, _: Argument) -> float | None:
    return float(text) if len(text) <= 18 and _DECIMAL.fullmatch(text) else None


def _boolean(text: str, _: Argument) -> bool | None:
    return True if text.lower() in _YES else False if text.lower() in _NO else None


def _member(text: str, _: Argument) -> dict[str, str] | None:
    return given_member(text)


def given_member(text: str) -> dict[str, str] | None:
    """The fields of `GivenMember` in a word such as `ann`, `@ann` or a mention; None for no name at all."""
    if mentioned := _MENTION.fullmatch(text):
        return {"name": mentioned[1], "user_id": mentioned[1]}
    name = text.removeprefix("@")
    return {"name": name} if name else None


def _choice(text: str, argument: Argument) -> str | None:
    return text.lower() if text.lower() in argument.choices else None


_CONVERT = {
    ArgumentKind.WORD: lambda text, _: text,
    ArgumentKind.REST: lambda text, _: text,
    ArgumentKind.CHANNEL: lambda text, _: text.removeprefix("#"),
    ArgumentKind.INTEGER: _integer,
    ArgumentKind.DECIMAL: _decimal,
    ArgumentKind.BOOLEAN: _boolean,
    ArgumentKind.DURATION: lambda text, _: duration_seconds(text),
    ArgumentKind.MEMBER: _member,
    ArgumentKind.CHOICE: _choice,
}
