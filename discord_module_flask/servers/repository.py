"""What was chosen for servers: settings, and roles that count as something."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from discord_module_flask.servers.audit_repository import By
from flask_core.contracts.discord_guilds import GuildSettings
from flask_core.database import AsyncDAL, Tx
from flask_core.datamodels import Role

_settings = msgspec.json.Decoder(GuildSettings)
_TABLES = ("guild_settings", "role_map", "platform_roles")


class RoleHere(msgspec.Struct, frozen=True):
    """A role of a server, what it is called, and what its holders are."""

    role_id: str
    name: str
    counts_as: Role


class ServerRepository:
    """Few rows: most servers are as they were when the bot came."""

    def __init__(self, database: AsyncDAL) -> None:
        self._database = database

    async def settings(self) -> dict[str, GuildSettings]:
        """By guild, of those where somebody chose something."""
        rows = await self._database.read(lambda tx: tx.rows("SELECT guild_id, settings FROM guild_settings"))
        return {guild_id: _settings.decode(settings) for guild_id, settings in rows}

    async def roles(self) -> dict[str, list[RoleHere]]:
        """Mapped roles by guild, in order of their names."""
        rows = await self._database.read(
            lambda tx: tx.rows("SELECT guild_id, role_id, name, counts_as FROM role_map ORDER BY name, role_id")
        )
        found: dict[str, list[RoleHere]] = {}
        for guild_id, role_id, name, counts_as in rows:
            found.setdefault(guild_id, []).append(RoleHere(role_id, name, Role.named(counts_as)))
        return found

    async def set_up(self, guild_id: str, settings: GuildSettings, by: By) -> None:
        """In place of what was chosen before."""
        chosen = msgspec.json.encode(settings).decode()

        def unit(tx: Tx) -> None:
            was = tx.value("SELECT settings FROM guild_settings WHERE guild_id = ?", guild_id)
            tx.run(
                "INSERT INTO guild_settings (guild_id, settings) VALUES (?, ?)"
                " ON CONFLICT (guild_id) DO UPDATE SET settings = excluded.settings",
                guild_id, chosen,
            )  # fmt: skip
            by.note(tx, "server.settings", guild_id, str(was or ""), chosen)

        await self._database.write(unit)

    async def map(self, guild_id: str, roles: Sequence[RoleHere], by: By) -> None:
        """These, and no others."""
        became = msgspec.json.encode({one.role_id: one.counts_as.word for one in roles}, order="sorted").decode()
        rows = [(guild_id, one.role_id, one.name, one.counts_as.word) for one in roles]

        def unit(tx: Tx) -> None:
            before = tx.rows("SELECT role_id, counts_as FROM role_map WHERE guild_id = ? ORDER BY role_id", guild_id)
            tx.run("DELETE FROM role_map WHERE guild_id = ?", guild_id)
            tx.many("INSERT INTO role_map (guild_id, role_id, name, counts_as) VALUES (?, ?, ?, ?)", rows)
            by.note(tx, "server.roles", guild_id, msgspec.json.encode(dict(before)).decode(), became)

        await self._database.write(unit)

    async def forget(self, _: datetime) -> None:
        """What belongs to servers that nobody knows any more."""

        def unit(tx: Tx) -> None:
            for table in _TABLES:
                tx.run(
                    f"DELETE FROM {table} WHERE NOT EXISTS (SELECT 1 FROM guilds g WHERE g.guild_id = {table}.guild_id)"
                )

        await self._database.write(unit)


def by_id(roles: Sequence[RoleHere]) -> Mapping[str, Role]:
    """What the holders of each role are."""
    return {one.role_id: one.counts_as for one in roles}
