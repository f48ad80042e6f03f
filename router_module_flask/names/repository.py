"""The tables behind a community's names."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from flask_core.contracts.names import DynamicCommand
from flask_core.database import AsyncDAL, Tx
from router_module_flask.audit import Change, write_down
from router_module_flask.names.own import CommunityNames, OwnCommand

_encoder = msgspec.json.Encoder()
_command = msgspec.json.Decoder(DynamicCommand)


class NamesRepository:
    """Sets of a community's own commands with their version, and its choices."""

    def __init__(self, database: AsyncDAL) -> None:
        self._database = database

    async def names_of(self, community_id: int) -> CommunityNames:
        """Everything that only this community can type."""

        def unit(tx: Tx) -> CommunityNames:
            pushed = tx.rows("SELECT module, name, body FROM dynamic_commands WHERE community_id = ?", community_id)
            chosen = tx.rows('SELECT "group", module FROM command_groups WHERE community_id = ?', community_id)
            own = {name: OwnCommand.of(module, _command.decode(body)) for module, name, body in pushed}
            return CommunityNames(own, dict(chosen))

        return await self._database.read(unit)

    async def replace(
        self, community_id: int, module: str, version: int, items: Sequence[DynamicCommand], now: datetime
    ) -> int | None:
        """Put the set in the place of an older one; the version that is in the way when there is a newer one."""

        def unit(tx: Tx) -> int | None:
            taken = tx.rows(
                "INSERT INTO dynamic_sets (community_id, version, changed_at) VALUES (?, ?, ?)"
                " ON CONFLICT (community_id) DO UPDATE SET version = excluded.version, changed_at = excluded.changed_at"
                " WHERE dynamic_sets.version <= excluded.version RETURNING version",
                community_id, version, now,
            )  # fmt: skip
            if not taken:
                return int(tx.value("SELECT version FROM dynamic_sets WHERE community_id = ?", community_id))
            tx.run("DELETE FROM dynamic_commands WHERE community_id = ?", community_id)
            tx.many(
                "INSERT INTO dynamic_commands (community_id, name, module, body) VALUES (?, ?, ?, ?)",
                [(community_id, item.name, module, _encoder.encode(item).decode()) for item in items],
            )
            return None

        return await self._database.write(unit)

    async def versions(self) -> dict[int, int]:
        """The version of every set, by community."""
        found = await self._database.read(lambda tx: tx.rows("SELECT community_id, version FROM dynamic_sets"))
        return dict(found)

    async def choose(self, community_id: int, group: str, module: str, actor: str, now: datetime) -> None:
        """Keep the choice and write down who made it."""

        def unit(tx: Tx) -> None:
            was = tx.value(
                'SELECT module FROM command_groups WHERE community_id = ? AND "group" = ?', community_id, group
            )
            tx.run(
                'INSERT INTO command_groups (community_id, "group", module, changed_at) VALUES (?, ?, ?, ?)'
                ' ON CONFLICT (community_id, "group") DO UPDATE SET module = excluded.module,'
                " changed_at = excluded.changed_at",
                community_id, group, module, now,
            )  # fmt: skip
            write_down(tx, Change(community_id, actor, "group.choose", group, "", was, module or "none"), now)

        await self._database.write(unit)
