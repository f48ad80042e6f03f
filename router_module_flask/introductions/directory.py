"""Knows every module that introduced itself: its commands, what it hears, and where it is switched off."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from flask_core.contracts import community as community_contract
from flask_core.contracts import router
from flask_core.datamodels import CommandCard, Cooldowns, Event, Manifest, MessageType
from flask_core.errors import NotFound
from flask_core.grammar import bind, clean, tokenize
from flask_core.remembered import RememberedBy
from router_module_flask.customs.known import Customs, KnownCustoms
from router_module_flask.introductions.interests import MENTION, Interests
from router_module_flask.models import FoundCommand, Interest, Speaker
from router_module_flask.names.own import NOTHING, CommunityNames
from router_module_flask.names.words import EXTERNAL_PREFIX, PREFIX, Offer, Words

ALWAYS_ON = frozenset({"router", "community", "identity"})
_NAMES_SECONDS = 60.0
_MENTION = f"{MENTION} "
_SIGNS = "!#@"
_NO_COOLDOWNS = Cooldowns()


class Names(Protocol):
    """What communities can type besides."""

    async def names_of(self, community_id: int) -> CommunityNames:
        """Everything that only this community can type."""


class CommandDirectory:
    """Look-ups are on the way of every event: they touch dictionaries only."""

    def __init__(
        self,
        customs: KnownCustoms,
        names: Names,
        clock: Callable[[], float] = time.monotonic,
        default_cooldowns: Cooldowns = _NO_COOLDOWNS,
    ) -> None:
        self._customs = customs
        self.default_cooldowns = default_cooldowns
        self.manifests: dict[str, Manifest] = {}
        self.external: set[str] = set()
        self.words = Words(clock)
        self._interests = Interests()
        self._names = RememberedBy(names.names_of, _NAMES_SECONDS, clock)

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
        self._interests.build(self.manifests)

    def prepared(self, community_id: int) -> bool:
        """Whether everything that can be typed in this community is in memory."""
        return self._names.known(community_id) is not None and self._customs.known(community_id) is not None

    async def prepare(self, community_id: int) -> None:
        """Read what can be typed in this community, unless it is known."""
        await self._names.get(community_id)
        # Last: they say what is switched off, and may be forgotten while anything else is read.
        await self._customs.get(community_id)

    def customs(self, community_id: int) -> Customs:
        """What is customary in a community that is prepared."""
        return self._customs.latest(community_id)

    def forget_customs(self, community_id: int | None) -> None:
        """Read the customs of a community (or of all) anew at the next event."""
        self._customs.forget(community_id)

    def names(self, community_id: int) -> CommunityNames:
        """What the community has for itself, as far as it is in memory."""
        return self._names.latest(community_id) or NOTHING

    def forget_names(self, community_id: int | None) -> None:
        """Read the names of a community (or of all) anew at the next event."""
        self._names.forget(community_id)

    def find(self, text: str, community_id: int) -> FoundCommand | None:
        """The command with the longest path at the start of `text`; raises UsageError when the words do not fit."""
        customs = self._customs.latest(community_id)
        line = _as_command(text, customs.choices.prefix)
        if not line:
            return None
        prefix, line = line[0], line[1:]
        first = line.partition(" ")[0].lower()
        named = prefix + first
        declared, renamed = self.words.longest(named), customs.first_words.get(named, 0)
        if declared or renamed:
            tokens = tokenize(line)
            words = (prefix, *[token.text.lower() for token in tokens[: max(declared, renamed)]])
            for length in range(len(words) - 1, 0, -1):
                known = words in self.words.typed or words in customs.renamed
                offer = self._offered(words, customs, community_id) if known else None
                if offer is not None:
                    module, card = offer
                    if customs.commands:
                        card = customs.applied(prefix, card, self.default_cooldowns)
                    arguments = bind(card, line, tokens[length:])
                    waits = not customs.choices.moderators_skip_cooldowns
                    return FoundCommand(
                        module, card, " ".join(words[1:]), line, arguments, prefix, moderators_wait=waits
                    )
                words = words[:-1]
        own = self.names(community_id).own.get(first) if prefix == PREFIX and not declared else None
        return None if own is None else own.found(line, prefix)

    def missed(self, text: str, community_id: int) -> bool:
        """Whether `text`, which is no command, looks like one, and the community wants that to be said."""
        choices = self._customs.latest(community_id).choices
        if choices.unknown_command == "silence":
            return False
        line = _as_command(text, choices.prefix)
        return line[:1] == PREFIX and line[1:2].isalnum()

    def _offered(self, words: tuple[str, ...], customs: Customs, community_id: int) -> Offer | None:
        """Whose words these are here: the community's own name for a command, else what modules declare."""
        command = customs.renamed.get(words) if customs.renamed else None
        if command is not None and (offer := self._declared(command, community_id)) is not None:
            return offer
        return self._chosen(self.words.at(words), community_id)

    def _declared(self, command: str, community_id: int) -> Offer | None:
        """The command (`!so`) as its module declares it."""
        path = command[1:]
        offers = [offer for offer in self.words.at((command[0], *path.split())) if offer[1].path == path]
        return self._chosen(offers, community_id)

    def command(self, command: str, community_id: int) -> tuple[str, CommandCard, CommandCard]:
        """Module, declared card and card as it works here of a command (`!so`); raises NotFound."""
        offer = self._declared(command, community_id)
        if offer is None:
            raise NotFound(f"No command is called {command[:50]}.")
        customs = self._customs.latest(community_id)
        return offer[0], offer[1], customs.applied(command[0], offer[1], self.default_cooldowns)

    def owner_of(self, words: tuple[str, ...]) -> str | None:
        """A module whose path or alias these words are, `("!", "so")`."""
        offers = self.words.at(words)
        return offers[0][0] if offers else None

    def owner_of_first(self, word: str, community_id: int) -> str:
        """The module with a command whose first word this is in a (prepared) community, "" for nobody."""
        renamed = self._customs.latest(community_id).renamed
        named = next((renamed[words] for words in renamed if words[:2] == (PREFIX, word)), "")
        if named:
            return self.owner_of((PREFIX, *named[1:].split())) or ""
        return self.words.owner_of_first(PREFIX + word)

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
        switched = self._customs.latest(community_id).switched
        on = [module for module in modules if switched.get((module, ""), module not in self.external)]
        return on[0] if on else modules[0]

    def card(self, module: str, path: str, community_id: int) -> CommandCard | None:
        """The command that `module` declares under `path`, as it works here."""
        manifest = self.manifests.get(module)
        card = None if manifest is None else next((card for card in manifest.commands if card.path == path), None)
        sign = EXTERNAL_PREFIX if module in self.external else PREFIX
        return card and self._customs.latest(community_id).applied(sign, card, self.default_cooldowns)

    def may_dispatch(self, module: str) -> bool:
        """Whether `module` may start command lines."""
        manifest = self.manifests.get(module)
        return manifest is not None and manifest.may_dispatch and module not in self.external

    @property
    def listening(self) -> Mapping[MessageType, tuple[str, ...]]:
        """Modules that only take batches, by message type."""
        return self._interests.listening

    def listeners(self, event: Event, speaker: Speaker) -> Sequence[Interest]:
        """Whom this event interests, sequential ones by priority before parallel ones."""
        wishes = [one for one in self._customs.latest(speaker.community_id).wishes if one[0] in self.manifests]
        return self._interests.of(event, speaker, wishes)

    def refusal(self, module: str, speaker: Speaker) -> str | None:
        """Why `module` does not run in a community that is prepared: channel beats community beats default."""
        if module in ALWAYS_ON:
            return None
        community_id = speaker.community_id
        if community_id == community_contract.GLOBAL_COMMUNITY:
            return "This channel belongs to no community yet: !community create <name>"
        customs, channel = self._customs.latest(community_id), speaker.context.channel.key
        return customs.refusal(module, channel, self._customs.now, otherwise=module not in self.external)

    def commands(self, community_id: int, channel: str = "") -> list[router.ModuleCommand]:
        """All commands of a (prepared) community as they are typed and work there, its own and declared ones.

        With `channel` those that work in it.
        """
        customs = self._customs.latest(community_id)
        found = [
            router.ModuleCommand(own.module, own.card, PREFIX + name)
            for name, own in self.names(community_id).own.items()
            if own.enabled and not self.words.longest(PREFIX + name) and own.in_channel(channel)
        ]
        for module, manifest in self.manifests.items():
            sign = EXTERNAL_PREFIX if module in self.external else PREFIX
            for declared in manifest.commands:
                if declared.group not in self.words.groups or module == self.answering(declared.group, community_id):
                    card = customs.applied(sign, declared, self.default_cooldowns)
                    if not channel or not card.channels or channel in card.channels:
                        found.append(router.ModuleCommand(module, card, customs.typed(sign, card.path)))
        return sorted((known for known in found if not known.card.hidden), key=lambda known: known.typed[1:])


def _as_command(text: str, prefix: str) -> str:
    """The line with its sign in front as commands have it, "" for what is none at first sight."""
    if text[0] not in _SIGNS and text[0].isascii() and not text[0].isspace() and text[0] != prefix[:1]:
        return ""
    line = clean(text)
    if line[:1] == "@" and line[: len(_MENTION)].lower() == _MENTION:
        return PREFIX + line[len(_MENTION) :].lstrip()
    if prefix and line.startswith(prefix):
        return PREFIX + line[len(prefix) :]
    return line
