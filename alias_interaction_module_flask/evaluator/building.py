"""Collects the parts of an argument while it is read."""

from __future__ import annotations

from alias_interaction_module_flask.evaluator.template import Argument, Literal, Part, Parts


class Builder:
    """Text and variables in their order; text beside text becomes one part."""

    def __init__(self) -> None:
        self._parts: list[Part] = []
        self._text: list[str] = []

    def add(self, part: Part | str) -> None:
        """Append a part, or plain text."""
        if isinstance(part, str):
            self._text.append(part)
        elif isinstance(part, Literal):
            self._text.append(part.text)
        else:
            self._flush()
            self._parts.append(part)

    def __bool__(self) -> bool:
        return bool(self._parts or self._text)

    def parts(self) -> Parts:
        """What was collected."""
        self._flush()
        return tuple(self._parts)

    def _flush(self) -> None:
        text = "".join(self._text)
        self._text.clear()
        if text:
            self._parts.append(Literal(text))


def trimmed(parts: Parts) -> Parts:
    """Without spaces at both ends."""
    known = list(parts)
    if known and isinstance(known[0], Literal):
        known[0] = Literal(known[0].text.lstrip())
    if known and isinstance(known[-1], Literal):
        known[-1] = Literal(known[-1].text.rstrip())
    return tuple(part for part in known if not (isinstance(part, Literal) and not part.text))


def argument(parts: Parts) -> Argument:
    """An argument without the spaces around it."""
    return Argument(trimmed(parts))
