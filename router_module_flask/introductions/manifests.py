"""What a manifest has to be like, before anything of it is believed."""

from __future__ import annotations

import re
from collections.abc import Sequence

import re2

from flask_core.commands import MAX_TIMEOUT
from flask_core.datamodels import CommandCard, EventInterest, Manifest
from flask_core.errors import Conflict, InvalidInput
from flask_core.grammar import clean, tokenize

LONGEST_PATTERN = 500
MOST_WORDS = 4
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)


def check(manifest: Manifest) -> None:
    """Raises InvalidInput naming the field that nobody could use, Conflict for words that are declared twice."""
    if not _NAME.fullmatch(manifest.name):
        raise InvalidInput("A module's name has 1 to 40 of a-z, 0-9 and _.", field="name")
    taken: set[str] = set()
    for index, card in enumerate(manifest.commands):
        _check_card(card, f"commands[{index}]")
        for words in (card.path, *card.aliases):
            if words in taken:
                raise Conflict(f"{manifest.name} declares {words} twice.", command=words)
            taken.add(words)
    check_interests(manifest.events)


def check_interests(interests: Sequence[EventInterest]) -> None:
    """Raises InvalidInput for a pattern that cannot be used."""
    for index, interest in enumerate(interests):
        if interest.matches:
            _check_pattern(f"events[{index}].matches", interest.matches)


def _check_card(card: CommandCard, field: str) -> None:
    for words in (card.path, *card.aliases):
        typed = [token.text.lower() for token in tokenize(clean(words))]
        if not 1 <= len(typed) <= MOST_WORDS or words != " ".join(typed):
            raise InvalidInput(f"Nobody can type the command “{words[:50]}”.", field=f"{field}.path")
    if not 0 < card.timeout <= MAX_TIMEOUT:
        raise InvalidInput(f"A command may take up to {MAX_TIMEOUT:g} s.", field=f"{field}.timeout")


def _check_pattern(field: str, pattern: str) -> None:
    if len(pattern) > LONGEST_PATTERN:
        raise InvalidInput(f"A pattern has at most {LONGEST_PATTERN} characters.", field=field)
    options = re2.Options()
    options.log_errors = False
    try:
        re2.compile(pattern, options)
    except re2.error as error:
        said = error.args[0]
        reason = said.decode(errors="replace") if isinstance(said, bytes) else str(said)
        raise InvalidInput(f"This pattern cannot be used: {reason}.", field=field) from None
