"""Guilds as they are known now: what this process heard last stands before what was written down."""

from __future__ import annotations

from collections.abc import Collection

from discord_module_flask.guild_repository import GuildRepository
from discord_module_flask.places import Guild, Guilds


class KnownGuilds:
    """Those that the bot is in, whichever process hears them."""

    def __init__(self, guilds: Guilds, kept: GuildRepository) -> None:
        self._guilds = guilds
        self._kept = kept

    async def all(self) -> list[Guild]:
        """All of them."""
        return self._with(await self._kept.all(), self._guilds.known.keys())

    async def some(self, guild_ids: Collection[str]) -> list[Guild]:
        """Those of `guild_ids` that the bot is in."""
        return self._with(await self._kept.some([*guild_ids]), guild_ids)

    def _with(self, kept: list[Guild], guild_ids: Collection[str]) -> list[Guild]:
        here = {one: self._guilds.known[one] for one in guild_ids if one in self._guilds.known}
        return [*({one.id: one for one in kept} | here).values()]
