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
from flask_core.grammar import bind, clean, tokenize
from router_module_flask.models import FoundCommand, Interest, Speaker
from router_module_flask.names.own import NOTHING, CommunityNames
from router_module_flask.names.words import PREFIX, Offer, Words

ALWAYS_ON = frozenset({"router", "community", "identity"})
_SWITCHES_SECONDS = 60.0
_REMEMBERED = 10_000
_NAMES_SECONDS = 60.0
_MENTION = "@waddlebot "


class Switches(Protocol):
    """Where modules are switched on and off."""

    async def of(self, community_id: int) -> dict[tuple[str, str], bool]:
        """(module, channel or "") → state, for everything that somebody switched."""


class Names(Protocol):
    """What communities can type besides."""

    async def names_of(self, community_id: int) -> CommunityNames:
        """Everything that only this community can type."""


class CommandDirectory:
    """Look-ups are on the way of every event: they touch dictionaries only."""

    def __init__(self, switches: Switches, names: Names, clock: Callable[[], float] = time.monotonic) -> None:
        self._switches = switches
        self._own_names = names
        self._clock = clock
        self.manifests: dict[str, Manifest] = {}
        self.external: set[str] = set()
        self.words = Words(clock)
        self._interests: dict[MessageType, list[Interest]] = {}
        self.listening: dict[MessageType, tuple[str, ...]] = {}
        self._switched: OrderedDict[int, tuple[float, dict[tuple[str, str], bool]]] = OrderedDict()
        self._names: OrderedDict[int, tuple[float, CommunityNames]] = OrderedDict()

    def take(self, manifest: Manifest, *, external: bool = False) -> bool:
        """Know `manifest` from now on; True when it changed. A path of another module is refused."""
        if self.manifests.get(manifest.name) == manifest and (manifest.name in self.external) is external:
            return False
        self.words.check(manifest.name, manifest.commands, external=external)
        self.manifests[manifest.name] = manifest
        (self.external.add if external else self.external.discard)(manifest.name)
        self._index()
        return True

    def forget(self, module: str) -> None:
        """Know `module` no longer; its words mean nothing from now on."""
        self.external.discard(module)
        if self.manifests.pop(module, None) is not None:
            self._index(at_once=module)

    def _index(self, *, at_once: str = "") -> None:
        """Build the look-up tables anew; modules introduce themselves seldom, people type all the time."""
        self.words.build(self.manifests, self.external, at_once=at_once)
        self._interests = {}
        listening: dict[MessageType, list[str]] = {}
        for module, manifest in self.manifests.items():
            for interest in manifest.events:
                self._interests.setdefault(interest.message_type, []).append((module, interest))
            for message_type in manifest.listens_to:
                listening.setdefault(message_type, []).append(module)
        for interests in self._interests.values():
            interests.sort(key=lambda known: (known[1].parallel, known[1].priority, known[0]))
        self.listening = {message_type: tuple(modules) for message_type, modules in listening.items()}

    def prepared(self, community_id: int) -> bool:
        """Whether everything that can be typed in this community is in memory."""
        kept = self._names.get(community_id)
        return kept is not None and kept[0] > self._clock()

    async def prepare(self, community_id: int) -> None:
        """Read what can be typed in this community, unless it is known."""
        if self.prepared(community_id):
            return
        names = await self._own_names.names_of(community_id)
        _remember(self._names, community_id, (self._clock() + _NAMES_SECONDS, names))
        if self._fresh(community_id) is None:
            await self._read_switches(community_id)

    def names(self, community_id: int) -> CommunityNames:
        """What the community has for itself, as far as it is in memory."""
        kept = self._names.get(community_id)
        return NOTHING if kept is None else kept[1]

    def forget_names(self, community_id: int | None) -> None:
        """Read the names of a community (or of all) anew at the next event."""
        _forget(self._names, community_id)

    def find(self, text: str, community_id: int) -> FoundCommand | None:
        """The command with the longest path at the start of `text`; raises UsageError when the words do not fit."""
        if text[0] not in "!#@" and text[0].isascii() and not text[0].isspace():
            return None
        line = clean(text)
        if line[: len(_MENTION)].lower() == _MENTION:
            line = PREFIX + line[len(_MENTION) :].lstrip()
        prefix, line = line[:1], line[1:]
        first = line.partition(" ")[0].lower()
        longest = self.words.longest(prefix + first)
        if not longest:
            own = self.names(community_id).own.get(first) if prefix == PREFIX else None
            return None if own is None else own.found(line, prefix)
        tokens = tokenize(line)
        typed = (prefix, *(token.text.lower() for token in tokens[:longest]))
        for length in range(len(typed) - 1, 0, -1):
            words = typed[: length + 1]
            offer = self._chosen(self.words.at(words), community_id)
            if offer is not None:
                module, card = offer
                return FoundCommand(module, card, " ".join(words[1:]), line, bind(card, line, tokens[length:]), prefix)
        return None

    def _chosen(self, offers: Sequence[Offer], community_id: int) -> Offer | None:
        """Whose words these are here."""
        if not offers:
            return None
        group = offers[0][1].group
        if group not in self.words.groups:
            return offers[0]
        answering = self.answering(group, community_id)
        if not answering:
            return None
        return next((offer for offer in offers if offer[0] == answering), offers[0])

    def answering(self, group: str, community_id: int) -> str:
        """Who answers the words of a group of several here: the chosen module ("": none), else the first that is on."""
        modules = self.words.groups[group].modules
        chosen = self.names(community_id).chosen.get(group)
        if chosen is not None and (not chosen or chosen in modules):
            return chosen
        kept = self._switched.get(community_id)
        switched = {} if kept is None else kept[1]
        on = [module for module in modules if switched.get((module, ""), module not in self.external)]
        return on[0] if on else modules[0]

    def card(self, module: str, path: str) -> CommandCard | None:
        """The command that `module` declares under `path`."""
        manifest = self.manifests.get(module)
        return None if manifest is None else next((card for card in manifest.commands if card.path == path), None)

    def may_dispatch(self, module: str) -> bool:
        """Whether `module` may start command lines."""
        manifest = self.manifests.get(module)
        return manifest is not None and manifest.may_dispatch and module not in self.external

    def listeners(self, event: Event, speaker: Speaker) -> Sequence[Interest]:
        """Whom this event interests, sequential ones by priority before parallel ones."""
        interests = self._interests.get(event.message_type)
        if not interests:
            return ()
        return [known for known in interests if _wants(known[1], event, speaker)]

    async def refusal(self, module: str, speaker: Speaker) -> str | None:
        """Why `module` does not run here, or None: channel beats community beats default."""
        if module in ALWAYS_ON:
            return None
        community_id = speaker.community_id
        if community_id == community_contract.GLOBAL_COMMUNITY:
            return "This channel belongs to no community yet: !community create <name>"
        switched = self._fresh(community_id)
        if switched is None:
            switched = await self._read_switches(community_id)
        here = switched.get((module, speaker.context.channel.key))
        if here is None:
            here = switched.get((module, ""), module not in self.external)
        return None if here else f"{module} is off here."

    def _fresh(self, community_id: int) -> dict[tuple[str, str], bool] | None:
        kept = self._switched.get(community_id)
        return kept[1] if kept is not None and kept[0] > self._clock() else None

    async def _read_switches(self, community_id: int) -> dict[tuple[str, str], bool]:
        switched = await self._switches.of(community_id)
        _remember(self._switched, community_id, (self._clock() + _SWITCHES_SECONDS, switched))
        return switched

    def forget_switches(self, community_id: int | None) -> None:
        """Read the switches of a community (or of all) anew at the next event."""
        _forget(self._switched, community_id)

    def commands(self, community_id: int, channel: str = "") -> list[router.ModuleCommand]:
        """All commands of a (prepared) community by path, its own and declared ones; those of a channel if named."""
        declared = [
            router.ModuleCommand(module, card)
            for module, manifest in self.manifests.items()
            for card in manifest.commands
            if card.group not in self.words.groups or module == self.answering(card.group, community_id)
        ]
        own = [
            router.ModuleCommand(own.module, own.card)
            for name, own in self.names(community_id).own.items()
            if not self.words.longest(PREFIX + name) and (not channel or not own.channels or channel in own.channels)
        ]
        return sorted(
            (known for known in (*own, *declared) if not known.card.hidden), key=lambda known: known.card.path
        )


def _wants(interest: EventInterest, event: Event, speaker: Speaker) -> bool:
    if interest.min_amount and (event.amount or 0) < interest.min_amount:
        return False
    if interest.mentions_bot and "mentions_bot" not in event.data and _MENTION.strip() not in event.text.lower():
        return False
    if interest.matches and not re2.search(interest.matches, event.text):
        return False
    first = speaker.context.member is not None and speaker.context.member.first_message
    return first or not interest.first_message


def _remember[V](kept: OrderedDict[int, V], community_id: int, value: V) -> None:
    kept[community_id] = value
    kept.move_to_end(community_id)
    if len(kept) > _REMEMBERED:
        kept.popitem(last=False)


def _forget[V](kept: OrderedDict[int, V], community_id: int | None) -> None:
    if community_id is None:
        kept.clear()
    else:
        kept.pop(community_id, None)
