"""Splits the condition of `if` at its sign."""

from __future__ import annotations

from alias_interaction_module_flask.evaluator.building import Builder, argument
from alias_interaction_module_flask.evaluator.template import Argument, Literal, Part

# Longer signs first, or `!=` would be read as text and `=`.
_SIGNS = ("!=", "<=", ">=", "==", "=", "<", ">")


class Splitter:
    """Takes the parts of a condition; the first sign outside quotes divides it."""

    def __init__(self) -> None:
        self._sides = [Builder(), Builder()]
        self._sign = ""
        self.at_word = True

    def add(self, part: Part | str) -> None:
        """A part of the side that is being read."""
        self._now.add(part)
        self.at_word = isinstance(part, str) and part.isspace()

    def quoted(self, given: Argument) -> None:
        """A quoted argument."""
        for part in given.parts:
            self._now.add(part)
        self.at_word = False

    def sign_at(self, text: str, at: int) -> int:
        """The length of the sign at a place; 0 for none."""
        if self._sign:
            return 0
        found = next((sign for sign in _SIGNS if text.startswith(sign, at)), "")
        if found:
            return len(found)
        word = text[at : at + 9].lower()
        return 8 if self.at_word and self._now and word[:8] == "contains" and not word[8:].isalnum() else 0

    def sign(self, sign: str) -> None:
        """Go on with the other side."""
        self._sign = "=" if sign == "==" else sign.lower()
        self.at_word = True

    def arguments(self) -> tuple[Argument, Argument, Argument]:
        """A, the sign and B."""
        sign = Argument((Literal(self._sign),) if self._sign else ())
        return argument(self._sides[0].parts()), sign, argument(self._sides[1].parts())

    @property
    def _now(self) -> Builder:
        return self._sides[1 if self._sign else 0]
