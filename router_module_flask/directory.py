"""Knows every module that introduced itself: its commands, what it hears, and where it is switched off."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Protocol

import re2

from flask_core.contracts import community as community_contract
from flask_core.contracts import router
from flask_core.datamodels import CommandCard, Event, EventInterest, Manifest, MessageType
from flask_core.errors import Conflict
from flask_core.grammar import bind, clean, tokenize
from router_module_flask.models import FoundCommand, Speaker

ALWAYS_ON = frozenset({"router", "community", "identity"})
_SWITCHES_SECONDS = 60.0
_REMEMBERED = 10_000
_PREFIX = "!"
_EXTERNAL_PREFIX = "#"
_MENTION = "@waddlebot "


class Switches(Protocol):
    """Where modules are switched on and off."""

    async def of(self, community_id: int) -> dict[tuple[str, str], bool]:
        """(module, channel or "") → state, for everything that somebody switched."""


class CommandDirectory:
    """Look-ups are on the way of every event: they touch dictionaries only."""

    def __init__(self, switches: Switches, clock: Callable[[], float] = time.monotonic) -> None:
        self._switches = switches
        self._clock = clock
        self.manifests: dict[str, Manifest] = {}
        self.external: set[str] = set()
        self._by_words: dict[tuple[str, ...], tuple[str, CommandCard]] = {}
        self._first_words: dict[str, int] = {}
        self._interests: dict[MessageType, list[tuple[str, EventInterest]]] = {}
        self.listening: dict[MessageType, tuple[str, ...]] = {}
        self._switched: OrderedDict[int, tuple[float, dict[tuple[str, str], bool]]] = OrderedDict()

    def take(self, manifest: Manifest, *, external: bool = False) -> bool:
        """Know `manifest` from now on; True when it changed. A path of another module is refused."""
        if self.manifests.get(manifest.name) == manifest:
            return False
        for card in manifest.commands:
            self._check_path(manifest.name, card, external)
        self.manifests[manifest.name] = manifest
        (self.external.add if external else self.external.discard)(manifest.name)
        self._index()
        return True

    def _check_path(self, module: str, card: CommandCard, external: bool) -> None:
        prefix = _EXTERNAL_PREFIX if external else _PREFIX
        for name in (card.path, *card.aliases):
            owner = self._by_words.get((prefix, *name.split()))
            if owner is not None and owner[0] != module:
                raise Conflict(f"{prefix}{name} belongs to the module {owner[0]} already.", command=name)

    def _index(self) -> None:
        """Build the look-up tables anew; modules introduce themselves seldom, people type all the time."""
        self._by_words, self._first_words, self._interests = {}, {}, {}
        listening: dict[MessageType, list[str]] = {}
        for module, manifest in self.manifests.items():
            prefix = _EXTERNAL_PREFIX if module in self.external else _PREFIX
            for card in manifest.commands:
                for name in (card.path, *card.aliases):
                    words = (prefix, *name.split())
                    self._by_words[words] = (module, card)
                    first = prefix + words[1]
                    self._first_words[first] = max(self._first_words.get(first, 0), len(words) - 1)
            for interest in manifest.events:
                self._interests.setdefault(interest.message_type, []).append((module, interest))
            for message_type in manifest.listens_to:
                listening.setdefault(message_type, []).append(module)
        for interests in self._interests.values():
            interests.sort(key=lambda known: (known[1].parallel, known[1].priority, known[0]))
        self.listening = {message_type: tuple(modules) for message_type, modules in listening.items()}

    def find(self, text: str, community_id: int) -> FoundCommand | None:
        """The command with the longest path at the start of `text`; raises UsageError when the words do not fit."""
        if text[0] not in "!#@" and text[0].isascii() and not text[0].isspace():
            return None
        line = clean(text)
        if line[: len(_MENTION)].lower() == _MENTION:
            line = _PREFIX + line[len(_MENTION) :].lstrip()
        prefix, line = line[:1], line[1:]
        longest = self._first_words.get(prefix + line.partition(" ")[0].lower(), 0)
        if not longest:
            return None
        tokens = tokenize(line)
        typed = (prefix, *(token.text.lower() for token in tokens[:longest]))
        for length in range(len(typed) - 1, 0, -1):
            words = typed[: length + 1]
            if known := self._by_words.get(words):
                module, card = known
                return FoundCommand(module, card, " ".join(words[1:]), line, bind(card, line, tokens[length:]), prefix)
        return None

    def prepared(self, community_id: int) -> bool:
        """Whether everything that can be typed in this community is in memory."""
        return True

    async def prepare(self, community_id: int) -> None:
        """Read what can be typed in this community."""

    def may_dispatch(self, module: str) -> bool:
        """Whether `module` may start command lines."""
        manifest = self.manifests.get(module)
        return manifest is not None and manifest.may_dispatch and module not in self.external

    def listeners(self, event: Event, speaker: Speaker) -> Sequence[str]:
        """Modules to run for this event, sequential ones by priority before parallel ones."""
        interests = self._interests.get(event.message_type)
        if not interests:
            return ()
        return [module for module, interest in interests if _wants(interest, event, speaker)]

    async def refusal(self, module: str, speaker: Speaker) -> str | None:
        """Why `module` does not run here, or None: channel beats community beats default."""
        if module in ALWAYS_ON:
            return None
        community_id = speaker.community_id
        if community_id == community_contract.GLOBAL_COMMUNITY:
            return "This channel belongs to no community yet: !community create <name>"
        switched = self._fresh(community_id)
        if switched is None:
            switched = await self._switches.of(community_id)
            self._remember(community_id, switched)
        here = switched.get((module, speaker.context.channel.key))
        if here is None:
            here = switched.get((module, ""), module not in self.external)
        return None if here else f"{module} is off here."

    def _fresh(self, community_id: int) -> dict[tuple[str, str], bool] | None:
        kept = self._switched.get(community_id)
        return kept[1] if kept is not None and kept[0] > self._clock() else None

    def _remember(self, community_id: int, switched: dict[tuple[str, str], bool]) -> None:
        self._switched[community_id] = (self._clock() + _SWITCHES_SECONDS, switched)
        if len(self._switched) > _REMEMBERED:
            self._switched.popitem(last=False)

    def forget_switches(self, community_id: int | None) -> None:
        """Read the switches of a community (or of all) anew at the next event."""
        if community_id is None:
            self._switched.clear()
        else:
            self._switched.pop(community_id, None)

    def commands(self) -> list[router.ModuleCommand]:
        """All commands, by path."""
        cards = [
            router.ModuleCommand(module, card)
            for module, manifest in self.manifests.items()
            for card in manifest.commands
            if not card.hidden
        ]
        return sorted(cards, key=lambda known: known.card.path)


def _wants(interest: EventInterest, event: Event, speaker: Speaker) -> bool:
    if interest.min_amount and (event.amount or 0) < interest.min_amount:
        return False
    if interest.mentions_bot and _MENTION.strip() not in event.text.lower():
        return False
    if interest.matches and not re2.search(interest.matches, event.text):
        return False
    first = speaker.context.member is not None and speaker.context.member.first_message
    return first or not interest.first_message
