"""Finds the end of a script; brackets in strings, comments and regular expressions do not count."""

from __future__ import annotations

from typing import Protocol

from alias_interaction_module_flask.evaluator.building import Builder
from alias_interaction_module_flask.evaluator.template import Part, Parts

# Behind one of these a slash begins a regular expression; behind anything else it divides.
_BEFORE_REGEX = frozenset("(,=:[!&|?{};+-*%<>~^")


class Source(Protocol):
    """A text in which variables are found."""

    text: str

    def next(self, at: int, *, code: bool = False) -> tuple[Part | str, int]:
        """What stands at a place, and the place behind it."""


def read_script(source: Source, at: int, closer: str) -> tuple[Parts, int] | None:
    """The parts of a script and the place behind its closing bracket; None when it never closes."""
    scanner = _Scanner(source, at)
    while scanner.at < len(source.text):
        if source.text[scanner.at] == closer and scanner.closes():
            return scanner.built.parts(), scanner.at + 1
        scanner.step()
    return None


class _Scanner:
    def __init__(self, source: Source, at: int) -> None:
        self._source, self._text, self.at = source, source.text, at
        self.built = Builder()
        # What is open: `(`, `{`, `[` and the back quote of a template literal.
        self._open: list[str] = []
        self._last = "("

    def closes(self) -> bool:
        """Whether the bracket here is not one of the script."""
        return "(" not in self._open and "`" not in self._open

    def step(self) -> None:
        """Pass over one string, comment, variable or character."""
        character = self._text[self.at]
        if self._open and self._open[-1] == "`":
            self._in_template(character)
        elif character in "\"'":
            self._until(character)
        elif character == "/" and (end := self._comment_or_regex()):
            self._take(end)
        else:
            self._code(character)

    def _in_template(self, character: str) -> None:
        if character == "`":
            self._open.pop()
            self._last = "`"
        elif self._text.startswith("${", self.at):
            self._open.append("{")
            self._take(self.at + 2)
            self._last = "{"
            return
        self._one()

    def _code(self, character: str) -> None:
        if character in "({`":
            self._open.append(character)
        elif character in ")}":
            opener = "(" if character == ")" else "{"
            if self._open and self._open[-1] == opener:
                self._open.pop()
        if not character.isspace():
            self._last = character
        self._one()

    def _until(self, quote: str) -> None:
        """A string with its quotes; without a closing one it is code."""
        self._take(self.at + 1)
        while self.at < len(self._text) and self._text[self.at] != quote:
            self._one()
        self._take(self.at + 1)
        self._last = quote

    def _comment_or_regex(self) -> int:
        """The place behind the comment that begins here, or behind the opening of anything else; 0: it divides."""
        if self._text.startswith("/*", self.at):
            end = self._text.find("*/", self.at + 2)
            return end + 2 if end >= 0 else 0
        if self._text.startswith("//", self.at):
            end = self._text.find("\n", self.at)
            return end if end >= 0 else 0
        return self._regex_end() if self._last in _BEFORE_REGEX else 0

    def _regex_end(self) -> int:
        at, in_class = self.at + 1, False
        while at < len(self._text) and self._text[at] != "\n":
            character = self._text[at]
            if character == "/" and not in_class:
                self._last = "/"
                return at + 1
            in_class = character == "[" or (in_class and character != "]")
            at += 2 if character == "\\" else 1
        return 0

    def _take(self, end: int) -> None:
        """Everything up to a place, with the variables in it."""
        while self.at < min(end, len(self._text)):
            self._one()

    def _one(self) -> None:
        if self._text[self.at] == "\\" and self.at + 1 < len(self._text) and self._text[self.at + 1] != "$":
            self.built.add(self._text[self.at : self.at + 2])
            self.at += 2
            return
        part, self.at = self._source.next(self.at, code=True)
        self.built.add(part)
