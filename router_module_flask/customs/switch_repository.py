"""Rows of switches and terms."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from flask_core.database import AsyncDAL, Tx, UniqueViolation
from flask_core.errors import Conflict
from router_module_flask.audit import Change, write_down
from router_module_flask.customs.repository import rename_commands


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
                was = _switch(tx, community_id, module, channel, enabled, now)
                said = "as everywhere" if enabled is None else "on" if enabled else "off"
                said = f"{said}{' in ' + channel if channel else ''}"
                write_down(tx, Change(community_id, actor, "module.switch", module, said, was, enabled), now)
            if terms:
                if "" not in switched:
                    _make_row(tx, community_id, module, otherwise, now)
                before = _set_terms(tx, community_id, module, terms)
                said, after = ", ".join(sorted(terms)), dict(sorted(terms.items()))
                write_down(tx, Change(community_id, actor, "module.terms", module, said, before, after), now)
            if names:
                called = rename_commands(tx, community_id, names, now)
                write_down(tx, Change(community_id, actor, "module.names", module, "", called, dict(names)), now)

        try:
            await self._database.write(unit)
        except UniqueViolation:
            raise Conflict("Another command has one of these names here already.", field="renames") from None


def _switch(tx: Tx, community_id: int, module: str, channel: str, enabled: bool | None, now: datetime) -> bool | None:
    """Keep a switch; how it was before."""
    found = tx.value(
        "SELECT enabled FROM enablement WHERE community_id = ? AND module = ? AND channel = ?",
        community_id, module, channel,
    )  # fmt: skip
    was = None if found is None else bool(found)
    if enabled is None:
        tx.run(
            "DELETE FROM enablement WHERE community_id = ? AND module = ? AND channel = ?",
            community_id, module, channel,
        )  # fmt: skip
        return was
    tx.run(
        "INSERT INTO enablement (community_id, module, channel, enabled, version, changed_at)"
        " VALUES (?, ?, ?, ?, 1, ?) ON CONFLICT (community_id, module, channel) DO UPDATE SET"
        " enabled = excluded.enabled, version = enablement.version + 1, changed_at = excluded.changed_at",
        community_id, module, channel, enabled, now,
    )  # fmt: skip
    return was


def _make_row(tx: Tx, community_id: int, module: str, enabled: bool, now: datetime) -> None:
    """A place for terms, where nobody ever switched anything."""
    tx.run(
        "INSERT INTO enablement (community_id, module, channel, enabled, version, changed_at)"
        " VALUES (?, ?, '', ?, 0, ?) ON CONFLICT (community_id, module, channel) DO NOTHING",
        community_id, module, enabled, now,
    )  # fmt: skip


def _set_terms(tx: Tx, community_id: int, module: str, terms: Mapping[str, Any]) -> dict[str, Any]:
    """Keep the terms; what those were before."""
    row = tx.row(
        "SELECT settings, paused, entitled_until FROM enablement WHERE community_id = ? AND module = ?"
        " AND channel = ''",
        community_id, module,
    )  # fmt: skip
    assert row is not None
    before = {"settings": msgspec.json.decode(row[0]), "paused": row[1], "entitled_until": row[2]}
    for name, value in sorted(terms.items()):
        kept = msgspec.json.encode(value).decode() if name == "settings" else value
        tx.run(
            f"UPDATE enablement SET {_COLUMNS[name]} = ? WHERE community_id = ? AND module = ? AND channel = ''",
            kept, community_id, module,
        )  # fmt: skip
    return {name: before[name] for name in sorted(terms)}


_COLUMNS = {name: name for name in ("settings", "paused", "entitled_until")}
