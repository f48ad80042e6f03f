"""Rows of switches and terms."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from flask_core.database import AsyncDAL, Tx, UniqueViolation
from flask_core.errors import Conflict
from router_module_flask.customs_repository import rename_commands


class Terms(msgspec.Struct, frozen=True):
    """What stands beside the switch of the whole community."""

    settings: dict[str, Any] = {}
    paused: str = ""
    entitled_until: datetime | None = None
    version: int = 0


class SwitchRepository:
    """One row per community, module and channel; channel "" is the community."""

    def __init__(self, database: AsyncDAL) -> None:
        self._database = database

    async def of(self, community_id: int) -> dict[tuple[str, str], tuple[bool, Terms]]:
        """(module, channel or "") → on or off with the terms, for everything that somebody switched."""
        rows = await self._database.read(
            lambda tx: tx.rows(
                "SELECT module, channel, enabled, settings, paused, entitled_until, version FROM enablement"
                " WHERE community_id = ?",
                community_id,
            )
        )
        return {
            (module, channel): (
                bool(enabled),
                Terms(msgspec.json.decode(settings), paused, until, version),
            )
            for module, channel, enabled, settings, paused, until, version in rows
        }

    async def put(
        self,
        community_id: int,
        module: str,
        switched: Mapping[str, bool | None],
        terms: Mapping[str, Any],
        names: Mapping[str, str],
        actor: str,
        now: datetime,
        *,
        otherwise: bool,
    ) -> None:
        """Keep switches by channel (None forgets one), the terms that are given, and names of commands.

        `otherwise` is the switch of a community that only gets terms. Raises Conflict for a name that is taken.
        """

        def unit(tx: Tx) -> None:
            for channel, enabled in sorted(switched.items()):
                _switch(tx, community_id, module, channel, enabled, now)
                said = "as everywhere" if enabled is None else "on" if enabled else "off"
                _write_down(tx, community_id, actor, module, f"{said}{' in ' + channel if channel else ''}", now)
            if terms:
                if "" not in switched:
                    tx.run(
                        "INSERT INTO enablement (community_id, module, channel, enabled, version, changed_at)"
                        " VALUES (?, ?, '', ?, 0, ?) ON CONFLICT (community_id, module, channel) DO NOTHING",
                        community_id, module, otherwise, now,
                    )  # fmt: skip
                _set_terms(tx, community_id, module, terms)
                _write_down(tx, community_id, actor, module, ", ".join(sorted(terms)), now)
            if names:
                rename_commands(tx, community_id, names, now)
                _write_down(tx, community_id, actor, module, "names", now)

        try:
            await self._database.write(unit)
        except UniqueViolation:
            raise Conflict("Another command has one of these names here already.", field="renames") from None


def _switch(tx: Tx, community_id: int, module: str, channel: str, enabled: bool | None, now: datetime) -> None:
    if enabled is None:
        tx.run(
            "DELETE FROM enablement WHERE community_id = ? AND module = ? AND channel = ?",
            community_id, module, channel,
        )  # fmt: skip
        return
    tx.run(
        "INSERT INTO enablement (community_id, module, channel, enabled, version, changed_at)"
        " VALUES (?, ?, ?, ?, 1, ?) ON CONFLICT (community_id, module, channel) DO UPDATE SET"
        " enabled = excluded.enabled, version = enablement.version + 1, changed_at = excluded.changed_at",
        community_id, module, channel, enabled, now,
    )  # fmt: skip


def _set_terms(tx: Tx, community_id: int, module: str, terms: Mapping[str, Any]) -> None:
    for name, value in sorted(terms.items()):
        kept = msgspec.json.encode(value).decode() if name == "settings" else value
        tx.run(
            f"UPDATE enablement SET {_COLUMNS[name]} = ? WHERE community_id = ? AND module = ? AND channel = ''",
            kept, community_id, module,
        )  # fmt: skip


_COLUMNS = {name: name for name in ("settings", "paused", "entitled_until")}


def _write_down(tx: Tx, community_id: int, actor: str, module: str, said: str, now: datetime) -> None:
    tx.run(
        "INSERT INTO audit (community_id, actor, action, target, said, at) VALUES (?, ?, ?, ?, ?, ?)",
        community_id, actor, "module.switch", module, said, now,
    )  # fmt: skip
