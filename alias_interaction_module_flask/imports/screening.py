"""What filters of all bots become: the router's, off until somebody switches them on, and rules for expressions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from alias_interaction_module_flask.imports.rows import Filter, Note, Row, Trigger
from alias_interaction_module_flask.imports.triggers import LONGEST_PATTERN, accepted
from flask_core.contracts.rules import Delete, Draft, RuleAction, Timeout, Warn

MOST_WORDS, LONGEST_WORD, MOST_DOMAINS = 500, 100, 200
_LONGEST_TIMEOUT = 14 * 86_400
_EXPRESSION = re.compile(r"~/(.+)/([a-z]*)$")
_TOLD = "Please mind what you write."


def ladder(seconds: int, *, warns: bool = True) -> tuple[str, ...]:
    """Delete and warn first, then silence; no seconds mean that the line just goes."""
    first = ("warn",) if warns else ()
    return (*first, f"{min(seconds, _LONGEST_TIMEOUT)}s") if seconds > 0 else (*first, "delete")


def within(value: int, least: int, most: int) -> int:
    """The nearest value that the filter takes."""
    return min(max(value, least), most)


def filter_row(key: str, original: str, becomes: Filter, *notes: Note) -> Row:
    """A filter that waits to be switched on."""
    return Row("filter", key, becomes.name, original, becomes, (Note("not_yet_on"), *notes))


def word_rows(key: str, phrases: Sequence[str], seconds: int, base: Filter, *notes: Note) -> Iterator[Row]:
    """The words filter, and a rule on trial for every expression."""
    plain = [phrase for phrase in dict.fromkeys(phrases) if _EXPRESSION.match(phrase) is None]
    kept = [phrase[:LONGEST_WORD] for phrase in plain if phrase.strip("*? ")][:MOST_WORDS]
    found = (*notes, *((Note("too_many", str(MOST_WORDS)),) if len(plain) > MOST_WORDS else ()))
    values: dict[str, bool | int | list[str]] = {"words": kept}
    becomes = Filter(base.name, base.ladder, base.exempt_role, base.message, base.silent, values)
    yield filter_row(key, ", ".join(kept)[:500], becomes, *found)
    expressions = [match for phrase in phrases if (match := _EXPRESSION.match(phrase))]
    for number, expression in enumerate(expressions):
        yield _rule(f"{key}:{number}", expression[1], expression[2], seconds)


def _rule(key: str, expression: str, flags: str, seconds: int) -> Row:
    pattern = f"(?i){expression}" if "i" in flags else expression
    fine = accepted(pattern)
    notes = () if fine else (Note("regex_refused", expression[:60]),)
    actions: tuple[RuleAction, ...] = (Delete(), Timeout(min(seconds, _LONGEST_TIMEOUT)) if seconds else Warn(_TOLD))
    draft = Draft(
        match="regex", pattern=pattern[:LONGEST_PATTERN], actions=actions, name=f"import {key}"[:50],
        normalise="i" in flags, enabled=False, dry_run=True,
    )  # fmt: skip
    return Row("filter", key, "rule", f"~/{expression}/{flags}", Trigger("rule", draft), (Note("not_yet_on"), *notes))
