"""Changes to a community's names, told to every replica."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

from flask_core.auth import utc_now
from flask_core.command_names import is_name
from flask_core.commands import MAX_TIMEOUT
from flask_core.contracts import names
from flask_core.errors import InvalidInput, NotFound, ServiceError, Stale
from flask_core.operations import Operation
from flask_core.service_client import ServiceClient
from flask_core.shared_state import SharedState
from router_module_flask.introductions.directory import CommandDirectory
from router_module_flask.names.repository import NamesRepository
from router_module_flask.names.words import PREFIX

log = logging.getLogger(__name__)

TOPIC_NAMES = "router.names"


class Naming:
    """Keeps the sets that alias pushes, and which module of a group answers."""

    def __init__(
        self,
        repository: NamesRepository,
        directory: CommandDirectory,
        client: ServiceClient,
        shared: SharedState,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._repository = repository
        self._directory = directory
        self._client = client
        self._shared = shared
        self._now = now

    async def replace(self, asked: names.DynamicCommands, module: str) -> names.DynamicState:
        """Put a whole set in place. Raises Stale when a newer one is there, InvalidInput for a name nobody can type."""
        if len(asked.items) > names.MOST_NAMES:
            raise InvalidInput(f"A community has up to {names.MOST_NAMES} commands of its own.", field="items")
        for index, item in enumerate(asked.items):
            _check(item, f"items[{index}]")
        if len({item.name for item in asked.items}) < len(asked.items):
            raise InvalidInput("A name occurs twice.", field="items")
        newer = await self._repository.replace(asked.community_id, module, asked.version, asked.items, self._now())
        if newer is not None:
            raise Stale("A newer set is here already.", current={"version": newer})
        await self._changed(asked.community_id)
        taken = tuple(item.name for item in asked.items if self._directory.words.longest(PREFIX + item.name))
        return names.DynamicState(asked.version, taken)

    async def versions(self) -> dict[int, int]:
        """The version of every set, by community."""
        return await self._repository.versions()

    async def check(self, asked: names.NamesAsked) -> names.NamesTaken:
        """Which of these first words a module declares, or is called by here."""
        if len(asked.words) > names.MOST_NAMES:
            raise InvalidInput(f"Ask for up to {names.MOST_NAMES} names at once.", field="words")
        await self._directory.prepare(asked.community_id)
        owners = ((word, self._directory.owner_of_first(word, asked.community_id)) for word in asked.words)
        return names.NamesTaken({word: owner for word, owner in owners if owner})

    async def groups(self, community_id: int) -> names.GroupList:
        """Every group that several modules offer."""
        await self._directory.prepare(community_id)
        return names.GroupList(
            tuple(self._group(community_id, group) for group in sorted(self._directory.words.groups))
        )

    def _group(self, community_id: int, group: str) -> names.Group:
        offered = self._directory.words.groups[group]
        return names.Group(group, self._directory.answering(group, community_id), offered.modules, offered.words)

    async def choose(self, asked: names.ChooseModule, actor: str) -> names.Group:
        """Let a module answer. Both are told; one that is away is told nothing, which it can live with."""
        offered = self._directory.words.groups.get(asked.group)
        if offered is None:
            raise NotFound("Several modules offer no such words.")
        if asked.module and asked.module not in offered.modules:
            raise InvalidInput(f"Choose one of {', '.join(offered.modules)}.", field="module")
        await self._directory.prepare(asked.community_id)
        before = self._directory.answering(asked.group, asked.community_id)
        await self._repository.choose(asked.community_id, asked.group, asked.module, actor, self._now())
        await self._changed(asked.community_id)
        await self._directory.prepare(asked.community_id)
        activation = names.Activation(asked.community_id, asked.group)
        if before and before != asked.module:
            await self._tell(before, names.DEACTIVATE, activation)
        if asked.module:
            await self._tell(asked.module, names.ACTIVATE, activation)
        return self._group(asked.community_id, asked.group)

    async def _tell(self, module: str, what: Operation[names.Activation, None], activation: names.Activation) -> None:
        try:
            await self._client.call(module, what, activation)
        except ServiceError as error:
            log.warning("%s could not be told about %s: %s", module, activation.group, error.code)

    async def _changed(self, community_id: int) -> None:
        self._directory.forget_names(community_id)
        await self._shared.publish(TOPIC_NAMES, str(community_id).encode())

    async def listen(self) -> None:
        """For ever: read anew what another replica changed."""
        async with self._shared.subscribe(TOPIC_NAMES) as messages:
            self._directory.forget_names(None)
            async for topic, message in messages:
                self._directory.forget_names(int(message) if topic else None)


def _check(item: names.DynamicCommand, field: str) -> None:
    if not is_name(item.name):
        raise InvalidInput("A name has 1 to 50 small letters, digits, emoji or _ - .", field=f"{field}.name")
    if not 0 < item.timeout <= MAX_TIMEOUT:
        raise InvalidInput(f"A command may take up to {MAX_TIMEOUT:g} s.", field=f"{field}.timeout")
