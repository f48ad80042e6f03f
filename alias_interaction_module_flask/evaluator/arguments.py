"""Reads what stands behind the name of a variable, up to the bracket that closes it."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from alias_interaction_module_flask.evaluator.building import Builder, argument, trimmed
from alias_interaction_module_flask.evaluator.conditions import Splitter
from alias_interaction_module_flask.evaluator.registry import Declared
from alias_interaction_module_flask.evaluator.script_reading import read_script
from alias_interaction_module_flask.evaluator.template import Argument, Dialect, Part, Parts

_OPENERS = {")": "(", "}": "{"}
_QUOTES = {'"': '"', "'": "'", "“": "”", "‘": "’", "”": "”", "’": "’"}


class Source(Protocol):
    """A text in which variables are found."""

    text: str
    dialect: Dialect

    def next(self, at: int, *, code: bool = False) -> tuple[Part | str, int]:
        """What stands at a place, and the place behind it."""


class Rest(NamedTuple):
    """What was read. `fits` is False when the variable takes nothing like it."""

    arguments: tuple[Argument, ...]
    end: int
    dotted: Argument | None = None
    fallback: Argument | None = None
    fits: bool = True


class Arguments:
    """Reads one variable's rest; brackets of the closing kind are counted."""

    def __init__(self, source: Source, closer: str) -> None:
        self._source, self._closer = source, closer
        self._text = source.text
        self._open = 0

    def read(self, declared: Declared, at: int, *, dotted: bool) -> Rest | None:
        """Everything from `at`; None when the bracket never closes."""
        if self._at(self._space(at)) == "|" and not dotted and self._falls_back(declared):
            return self._fallback(declared, self._space(at) + 1, None)
        if declared.reads == "raw":
            return self._whole(at)
        behind = None
        if dotted:
            found = self._until(at, " |")
            if found is None:
                return None
            behind, at = Argument(found[0]), found[1]
        at = self._space(at)
        if dotted and self._at(at) == "|" and declared.reads == "words":
            return self._fallback(declared, at + 1, behind)
        read = self._read_as(declared.reads, at)
        return None if read is None else Rest(read[0], read[1], behind)

    def skip(self, at: int) -> int | None:
        """The place behind the closing bracket."""
        found = self._whole(at)
        return None if found is None else found.end

    def _read_as(self, reads: str, at: int) -> tuple[tuple[Argument, ...], int] | None:
        if reads == "code":
            script = read_script(self._source, at, self._closer)
            return None if script is None else (((argument(script[0]),) if script[0] else ()), script[1])
        if reads == "text":
            text = self._text_or_quoted(at)
            return None if text is None else ((text[0],) if text[0].parts else (), text[1])
        if reads == "piped":
            return self._piped(at)
        if reads == "condition":
            return self._condition(at)
        return self._words(at)

    def _falls_back(self, declared: Declared) -> bool:
        """Whether `|` behind the name begins a fallback, and no text of which it is a part."""
        ours = self._source.dialect is Dialect.WADDLE
        return declared.reads == "words" or (ours and declared.reads in ("raw", "text"))

    def _fallback(self, declared: Declared, at: int, dotted: Argument | None) -> Rest | None:
        read = self._text_or_quoted(at)
        if read is None:
            return None
        given, end = read
        allowed = self._source.dialect is Dialect.WADDLE or declared.name.partition(".")[0] in ("word", "words")
        return Rest((), end, dotted, given, fits=allowed)

    def _text_or_quoted(self, at: int) -> tuple[Argument, int] | None:
        """All of it as one argument, without the quotes around it."""
        at = self._space(at)
        quoted = self._quoted(at, "")
        if quoted is not None and self._at(self._space(quoted[1])) == self._closer:
            return quoted[0], self._space(quoted[1]) + 1
        whole = self._until(at, "")
        return None if whole is None else (argument(whole[0]), whole[1] + 1)

    def _whole(self, at: int) -> Rest | None:
        found = self._until(at, "")
        if found is None:
            return None
        parts = trimmed(found[0])
        return Rest((Argument(parts),) if parts else (), found[1] + 1)

    def _words(self, at: int) -> tuple[tuple[Argument, ...], int] | None:
        found: list[Argument] = []
        while True:
            at = self._space(at)
            if at >= len(self._text):
                return None
            if self._text[at] == self._closer and not self._open:
                return tuple(found), at + 1
            quoted = self._quoted(at, ",")
            if quoted is not None:
                found.append(quoted[0])
                at = quoted[1] + (self._at(quoted[1]) == ",")
                continue
            plain = self._until(at, " ")
            if plain is None:
                return None
            found.append(Argument(plain[0]))
            at = plain[1]

    def _piped(self, at: int) -> tuple[tuple[Argument, ...], int] | None:
        found: list[Argument] = []
        while True:
            at = self._space(at)
            quoted = self._quoted(at, "|")
            if quoted is not None and self._at(self._space(quoted[1])) in ("|", self._closer):
                found.append(quoted[0])
                at = self._space(quoted[1])
            else:
                plain = self._until(at, "|")
                if plain is None:
                    return None
                found.append(argument(plain[0]))
                at = plain[1]
            if self._at(at) == self._closer:
                return tuple(found), at + 1
            at += 1

    def _condition(self, at: int) -> tuple[tuple[Argument, ...], int] | None:
        """A, the sign, B, then, else; a lone A has no sign."""
        split = Splitter()
        while (character := self._at(at)) not in ("|", self._closer) or self._open:
            if not character:
                return None
            quoted = self._quoted(at, "=!<>|") if split.at_word else None
            if quoted is not None:
                split.quoted(quoted[0])
                at = quoted[1]
            elif length := split.sign_at(self._text, at):
                split.sign(self._text[at : at + length])
                at += length
            else:
                part, at = self._next(at)
                split.add(part)
        if character == self._closer:
            return split.arguments(), at + 1
        rest = self._piped(at + 1)
        return None if rest is None else ((*split.arguments(), *rest[0]), rest[1])

    def _quoted(self, at: int, behind: str) -> tuple[Argument, int] | None:
        """The quoted argument that opens at a place and is followed by a space, the end, or one of `behind`."""
        closes = _QUOTES.get(self._at(at))
        if closes is None:
            return None
        opened, built = self._text[at], Builder()
        at += 1
        while at < len(self._text):
            character = self._text[at]
            if character in (closes, opened):
                after = self._at(at + 1)
                fits = after.isspace() or after == self._closer or (after in behind if after else False)
                return (Argument(built.parts(), quoted=True), at + 1) if fits else None
            if character == "\\" and self._at(at + 1) in (closes, "\\"):
                built.add(self._text[at + 1])
                at += 2
                continue
            part, at = self._source.next(at)
            built.add(part)
        return None

    def _until(self, at: int, stops: str) -> tuple[Parts, int] | None:
        """Parts up to the closing bracket or one of `stops` (a space stands for all white space)."""
        built = Builder()
        while at < len(self._text):
            character = self._text[at]
            if character == self._closer and not self._open:
                return built.parts(), at
            if (character in stops) if not character.isspace() else (" " in stops):
                return built.parts(), at
            part, at = self._next(at)
            built.add(part)
        return None

    def _next(self, at: int) -> tuple[Part | str, int]:
        """What stands at a place; brackets count, but for those of variables and those that were escaped."""
        part, behind = self._source.next(at)
        if isinstance(part, str) and part == self._text[at:behind]:
            self._open += part.count(_OPENERS[self._closer]) - part.count(self._closer)
        return part, behind

    def _space(self, at: int) -> int:
        while at < len(self._text) and self._text[at].isspace():
            at += 1
        return at

    def _at(self, at: int) -> str:
        return self._text[at : at + 1]
