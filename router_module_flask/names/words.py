"""The words of all declared commands; look-ups are on the way of every event and touch dictionaries only."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping

import msgspec

from flask_core.datamodels import CommandCard, Manifest
from flask_core.errors import Conflict

PREFIX = "!"
EXTERNAL_PREFIX = "#"
# Old processes of a module may still answer what its new manifest does not declare any more.
FADING_SECONDS = 60.0

type Typed = tuple[str, ...]
type Offer = tuple[str, CommandCard]


class GroupWords(msgspec.Struct, frozen=True):
    """A group that several modules offer: who, and which words."""

    modules: tuple[str, ...]
    words: tuple[str, ...]


class Words:
    """Whole names, prefix first, to the modules that offer them: several only within one group.

    `typed` are all names, those that fade included.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._offers: dict[Typed, tuple[Offer, ...]] = {}
        self._fading: dict[Typed, tuple[float, tuple[Offer, ...]]] = {}
        self._longest: dict[str, int] = {}
        self.typed: frozenset[Typed] = frozenset()
        self.groups: dict[str, GroupWords] = {}

    def at(self, typed: Typed) -> tuple[Offer, ...]:
        """Who offers exactly these words; nobody: ()."""
        offers = self._offers.get(typed)
        if offers is not None:
            return offers
        fading = self._fading.get(typed)
        return fading[1] if fading is not None and fading[0] > self._clock() else ()

    def longest(self, first: str) -> int:
        """How many words the longest name that begins with `first` (with its prefix) has; 0 when none does."""
        return self._longest.get(first, 0)

    def owner_of_first(self, first: str) -> str:
        """A module with a name that begins with `first` (with its prefix); "" when none has one."""
        if not self.longest(first):
            return ""
        named = (first[0], first[1:])
        return next((offers[0][0] for typed, offers in self._offers.items() if typed[:2] == named and offers), "")

    def check(self, module: str, cards: Iterable[CommandCard], *, external: bool) -> None:
        """Raises Conflict for words that another module has, unless both declare them in the same group."""
        prefix = EXTERNAL_PREFIX if external else PREFIX
        for card in cards:
            for name in (card.path, *card.aliases):
                for owner, theirs in self._offers.get((prefix, *name.split()), ()):
                    if owner != module and not (card.group and card.group == theirs.group):
                        raise Conflict(f"{prefix}{name} belongs to the module {owner} already.", command=name)

    def build(self, manifests: Mapping[str, Manifest], external: Iterable[str], *, at_once: str = "") -> None:
        """Take the words anew. What is not declared any more fades, except that of the module named `at_once`."""
        before = self._offers
        self._offers = {}
        for module in sorted(manifests):
            prefix = EXTERNAL_PREFIX if module in external else PREFIX
            for card in manifests[module].commands:
                for name in (card.path, *card.aliases):
                    typed = (prefix, *name.split())
                    self._offers[typed] = (*self._offers.get(typed, ()), (module, card))
        self._fade(before, at_once)
        self._longest = {}
        self.typed = frozenset((*self._offers, *self._fading))
        for typed in self.typed:
            first = typed[0] + typed[1]
            self._longest[first] = max(self._longest.get(first, 0), len(typed) - 1)

        self.groups = _groups(manifests)

    def _fade(self, before: Mapping[Typed, tuple[Offer, ...]], at_once: str) -> None:
        now = self._clock()
        self._fading = {typed: kept for typed, kept in self._fading.items() if kept[0] > now}
        for typed, offers in before.items():
            if typed not in self._offers:
                self._fading[typed] = (now + FADING_SECONDS, offers)
        for typed, (_, offers) in list(self._fading.items()):
            if typed in self._offers or any(module == at_once for module, _ in offers):
                del self._fading[typed]


def _groups(manifests: Mapping[str, Manifest]) -> dict[str, GroupWords]:
    offered: dict[str, dict[str, list[str]]] = {}
    for module in sorted(manifests):
        for card in manifests[module].commands:
            if card.group:
                offered.setdefault(card.group, {}).setdefault(module, []).append(card.path)
    return {
        group: GroupWords(tuple(modules), tuple(sorted({path for paths in modules.values() for path in paths})))
        for group, modules in offered.items()
        if len(modules) > 1
    }
