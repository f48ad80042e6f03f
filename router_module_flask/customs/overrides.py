"""What a community changes about commands: name, role, cooldowns, channels."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import msgspec

from flask_core.auth import utc_now
from flask_core.contracts.commands import LONGEST_COOLDOWN, MOST_CHANNELS, CommandChoice, CommandView
from flask_core.datamodels import ChannelKey, CommandCard, Role
from flask_core.errors import Conflict, Forbidden, InvalidInput
from flask_core.grammar import clean, tokenize
from router_module_flask.customs.known import KnownCustoms
from router_module_flask.customs.repository import CustomsRepository
from router_module_flask.introductions.directory import CommandDirectory
from router_module_flask.introductions.manifests import MOST_WORDS

_LONGEST_NAME = 50
BUCKETS = {"member": "member", "channel": "channel", "global": "everywhere"}


class Overrides:
    """Nobody opens with them what was kept from them: see `_check_role`."""

    def __init__(
        self,
        repository: CustomsRepository,
        directory: CommandDirectory,
        customs: KnownCustoms,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._repository = repository
        self._directory = directory
        self._customs = customs
        self._now = now

    async def one(self, community_id: int, path: str) -> CommandView:
        """A command with what is different here; raises NotFound."""
        command = _command(path)
        await self._directory.prepare(community_id)
        self._directory.command(command, community_id)
        choice, version = await self._repository.command(community_id, command)
        module, declared, card = self._directory.command(command, community_id)
        typed = self._customs.latest(community_id).typed(command[0], declared.path)
        return CommandView(module, typed, self._resting(declared), self._resting(card), choice, version)

    def _resting(self, card: CommandCard) -> CommandCard:
        """The card with the cooldowns that it has when it declares none."""
        return msgspec.structs.replace(card, cooldowns=card.cooldowns or self._directory.default_cooldowns)

    async def put(
        self, community_id: int, path: str, choice: CommandChoice, version: int, *, role: Role, by: str
    ) -> CommandView:
        """Change a command. `role` is that of who changes it. Raises Conflict for a name that is taken, Stale."""
        command = _command(path)
        await self._directory.prepare(community_id)
        _, declared, _ = self._directory.command(command, community_id)
        name = checked_name(self._directory, command[0], declared.path, choice.rename)
        if command[0] == "!" and name in self._directory.names(community_id).own:
            raise Conflict(f"!{name} is a command of this community's own already.", field="rename")
        _check_role(declared, choice, role)
        if len(choice.channels) > MOST_CHANNELS:
            raise InvalidInput(f"Name up to {MOST_CHANNELS} channels.", field="channels")
        channels = tuple(dict.fromkeys(str(ChannelKey.parse(key)) for key in choice.channels))
        choice = msgspec.structs.replace(choice, rename=name, channels=channels)
        await self._repository.put_command(community_id, command, choice, version, by, self._now())
        await self._customs.changed(community_id)
        return await self.one(community_id, path)

    async def cooldown(
        self, community_id: int, words: str, bucket: str, seconds: float, *, role: Role, by: str
    ) -> CommandView:
        """Change one cooldown of a command, which may be called as it is typed here."""
        if not 0 <= seconds <= LONGEST_COOLDOWN:
            raise InvalidInput("A cooldown lasts 24 hours at most.")
        command = await self._named(community_id, words)
        choice, version = await self._repository.command(community_id, command)
        choice = msgspec.structs.replace(choice, **{BUCKETS[bucket]: float(seconds)})
        return await self.put(community_id, command, choice, version, role=role, by=by)

    async def _named(self, community_id: int, words: str) -> str:
        """The command that these words call here: by its name here, its path or an alias."""
        await self._directory.prepare(community_id)
        name = clean(words).lower()
        sign, name = (name[0], name[1:]) if name[:1] in ("!", "#") else ("!", name)
        for known in self._directory.commands(community_id):
            names = (known.typed[1:], known.card.path, *known.card.aliases)
            if known.typed[0] == sign and name in names:
                return f"{sign}{known.card.path}"
        self._directory.command(f"{sign}{name}", community_id)
        return f"{sign}{name}"


def _command(path: str) -> str:
    return path if path[:1] in ("!", "#") else f"!{path}"


def checked_name(directory: CommandDirectory, sign: str, path: str, name: str) -> str:
    """The name as it is typed; raises InvalidInput when nobody can type it, Conflict when it means something else."""
    words = [token.text.lower() for token in tokenize(clean(name))]
    if words == path.split() or not words:
        return ""
    if (
        len(words) > MOST_WORDS
        or sum(map(len, words)) > _LONGEST_NAME
        or any(set(word) & set("!#@\"'“”„‘’«»") for word in words)
    ):
        raise InvalidInput(f"A name has up to {MOST_WORDS} plain words and {_LONGEST_NAME} letters.", field="rename")
    if not words[0][0].isalnum():
        raise InvalidInput("A name begins with a letter or a digit.", field="rename")
    owner = directory.owner_of((sign, *words))
    if owner is not None:
        raise Conflict(f"{sign}{' '.join(words)} belongs to the module {owner} already.", field="rename")
    return " ".join(words)


def _check_role(declared: CommandCard, choice: CommandChoice, role: Role) -> None:
    """Whoever changes a command may use it before and after; what changes the whole community stays with admins."""
    if choice.role is None:
        return
    if max(choice.role, declared.role) > role:
        raise Forbidden(f"Only {max(choice.role, declared.role).word}s can decide that. You are {role.word} here.")
    if declared.scope == "community" and choice.role < min(declared.role, Role.ADMIN):
        raise InvalidInput(f"!{declared.path} changes the whole community: it stays with admins.", field="role")
