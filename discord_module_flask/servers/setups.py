"""How the bot behaves in each server, known without a query; changes are heard at once."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping

import msgspec

from discord_module_flask.servers.repository import RoleHere, ServerRepository, by_id
from flask_core.contracts.discord_guilds import GuildSettings
from flask_core.datamodels import Role
from flask_core.errors import ServiceError
from flask_core.remembered import Remembered
from flask_core.shared_state import SharedState

log = logging.getLogger(__name__)

TOPIC = "discord.setups"
_SECONDS = 30.0


class Setup(msgspec.Struct, frozen=True):
    """The settings of a server, and what holders of its roles are."""

    settings: GuildSettings = GuildSettings()
    roles: Mapping[str, Role] = msgspec.field(default_factory=dict)

    def counts_as(self, role_ids: list[str]) -> Role:
        """The highest of what these roles count as."""
        return max((self.roles.get(one, Role.VIEWER) for one in role_ids), default=Role.VIEWER)


_AS_IT_CAME = Setup()


class Setups:
    """`of` answers from memory; whoever reads what Discord says calls `refresh` first."""

    def __init__(
        self, repository: ServerRepository, shared: SharedState, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.repository = repository
        self._shared = shared
        self._read_lately = Remembered(self._read, _SECONDS, clock)
        self._setups: dict[str, Setup] = {}
        self._named: dict[str, list[RoleHere]] = {}

    def of(self, guild_id: str) -> Setup:
        """How it is there."""
        return self._setups.get(guild_id, _AS_IT_CAME)

    async def roles(self, guild_id: str) -> list[RoleHere]:
        """Roles that count as something there, with their names."""
        await self.refresh()
        return self._named.get(guild_id, [])

    async def refresh(self) -> None:
        """Look again when it is time; what was known holds while the database is away."""
        try:
            await self._read_lately.get()
        except ServiceError as error:
            log.warning("settings of servers are not read anew: %s", error.code)

    async def _read(self) -> bool:
        settings, self._named = await self.repository.settings(), await self.repository.roles()
        self._setups = {
            guild_id: Setup(settings.get(guild_id, GuildSettings()), by_id(self._named.get(guild_id, [])))
            for guild_id in {*settings, *self._named}
        }
        return True

    async def changed(self) -> None:
        """Somebody chose something: all replicas look again."""
        self._read_lately.forget()
        await self.refresh()
        await self._shared.publish(TOPIC, b"changed")

    async def listen(self) -> None:
        """For ever: look again when another replica was told."""
        async with self._shared.subscribe(TOPIC) as messages:
            self._read_lately.forget()
            async for _ in messages:
                self._read_lately.forget()
                await self.refresh()
