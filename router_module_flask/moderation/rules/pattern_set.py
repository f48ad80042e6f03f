"""All rules of a community, compiled into one pattern set: a text is read once, however many rules there are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache

import msgspec
import re2

from flask_core.contracts.rules import Rule
from flask_core.errors import InvalidInput
from router_module_flask.moderation.normalising import folded, seen
from router_module_flask.moderation.rules.patterns import Sought, sought

MEMORY = 64 << 20
"""Bytes for the patterns of a set and what it remembers of texts; most sets need a thousandth of it."""
_SKIPPED = "This pattern cannot be compiled any more: {}"


class _Lane(msgspec.Struct, frozen=True):
    """Rules that look at one form of a text; `sets` is one, unless their patterns are too large together."""

    form: Callable[[str], str] | None
    rules: tuple[tuple[Rule, Sought], ...]
    sets: tuple[tuple[re2.Set, int], ...]

    def matching(self, text: str) -> list[Rule]:
        found = []
        shown = self.form(text) if self.form is not None else text
        for patterns, first in self.sets:
            for index in patterns.Match(shown) or ():
                rule, how = self.rules[first + index]
                if how.confirms is None or how.confirms(shown):
                    found.append(rule)
        return found


class RuleSet:
    """`problems` are rules that are skipped, with the reason, by number; `memory` in bytes."""

    def __init__(self, rules: Sequence[Rule], *, memory: int = MEMORY) -> None:
        self._memory = memory
        self.problems: dict[int, str] = {}
        self.by_number = {rule.number: rule for rule in rules}
        lanes: dict[Callable[[str], str] | None, list[tuple[Rule, Sought]]] = {}
        for rule in rules:
            try:
                how = sought(rule.match, rule.pattern, rule.normalise)
            except InvalidInput as error:
                self.problems[rule.number] = _SKIPPED.format(error.message)
                continue
            lanes.setdefault(seen if rule.normalise else None, []).append((rule, how))
            if rule.normalise and rule.match == "regex":
                # An expression in another alphabet finds its own letters, too, and not only what they look like.
                lanes.setdefault(folded, []).append((rule, how))
        # The form that every normalising rule sees comes before the one that some of them see besides.
        lanes = dict(sorted(lanes.items(), key=lambda lane: lane[0] is folded))
        self.lanes = [_Lane(form, tuple(kept), tuple(self._compiled(kept, 0))) for form, kept in lanes.items()]

    def _compiled(self, kept: Sequence[tuple[Rule, Sought]], first: int) -> list[tuple[re2.Set, int]]:
        """One set, or the sets of two halves where one would be too large."""
        patterns = re2.Set.SearchSet(_options(self._memory))
        try:
            for _, how in kept:
                patterns.Add(how.pattern)
            patterns.Compile()
        except re2.error:
            if len(kept) == 1:
                self.problems[kept[0][0].number] = _SKIPPED.format("it is too large.")
                return []
            half = len(kept) // 2
            return self._compiled(kept[:half], first) + self._compiled(kept[half:], first + half)
        return [(patterns, first)]

    def matching(self, text: str) -> list[Rule]:
        """Rules that match, in the order in which they act: low priority numbers first, then the older ones."""
        found = self.lanes[0].matching(text) if self.lanes else []
        for lane in self.lanes[1:]:
            # Of plain text both forms are the same, and the first one has asked for all of its rules.
            if lane.form is not folded or not text.isascii():
                found += lane.matching(text)
        if len(found) > 1:
            found = sorted({rule.number: rule for rule in found}.values(), key=_order)
        return found


def _order(rule: Rule) -> tuple[int, int]:
    return rule.priority, rule.number


@cache
def _options(memory: int) -> re2.Options:
    options = re2.Options()
    options.max_mem, options.log_errors = memory, False
    return options
