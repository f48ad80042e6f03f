"""Commands of communities, by community and name."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import msgspec

from alias_interaction_module_flask import entry_rows as rows
from alias_interaction_module_flask.models import By, Change, Entry, Origin, Wish
from flask_core.command_names import plain_name
from flask_core.database import AsyncDAL, Tx, UniqueViolation
from flask_core.errors import Conflict, LimitReached, Stale

_wish = msgspec.json.Decoder(Wish | None)
_NOTHING = Origin()


class EntryRepository:
    """Every change leaves a step in the history, and tells that the router's index is old."""

    def __init__(self, database: AsyncDAL) -> None:
        self._database = database

    async def named(self, community_id: int, name: str) -> Entry | None:
        """The command that people call by this name."""
        return await self._database.read(lambda tx: rows.named(tx, community_id, plain_name(name)))

    async def one(self, community_id: int, entry_id: int) -> Entry | None:
        """The command with this id, also from the bin."""
        return await self._database.read(lambda tx: rows.one(tx, community_id, entry_id))

    async def all(self, community_id: int) -> list[Entry]:
        """All that are not in the bin, by name."""
        found = await self._database.read(
            lambda tx: tx.rows(
                f"SELECT {rows.COLUMNS} FROM commands WHERE community_id = ? AND deleted_at IS NULL ORDER BY name_key",
                community_id,
            )
        )
        return [rows.entry_of(row) for row in found]

    async def binned(self, community_id: int, name: str) -> Entry | None:
        """What was called so and is in the bin; the one that was removed last."""
        row = await self._database.read(
            lambda tx: tx.row(
                f"SELECT {rows.COLUMNS} FROM commands WHERE community_id = ? AND name_key = ?"
                " AND deleted_at IS NOT NULL ORDER BY deleted_at DESC, id DESC LIMIT 1",
                community_id, plain_name(name),
            )
        )  # fmt: skip
        return None if row is None else rows.entry_of(row)

    async def add(
        self, community_id: int, wish: Wish, by: By, now: datetime, *, at_most: int, origin: Origin = _NOTHING
    ) -> Entry:
        """Keep a new one. Raises Conflict for a name that is taken, LimitReached for one too many."""

        def unit(tx: Tx) -> Entry:
            if _count(tx, community_id) >= at_most:
                raise LimitReached(f"This community has {at_most} commands already. Remove one first.")
            return _insert(tx, community_id, wish, origin, by, now)

        try:
            return await self._database.write(unit)
        except UniqueViolation:
            raise taken(wish.name) from None

    async def change(self, before: Entry, wish: Wish, by: By, now: datetime, *, did: str = "edit") -> Entry:
        """Keep it as it shall be. Raises Stale when somebody was faster, Conflict for a name that is taken."""

        def unit(tx: Tx) -> Entry | None:
            return _put(tx, before, wish, by, now, did=did, deleted_at=before.deleted_at)

        return await self._unique(unit, before, wish)

    async def remove(self, before: Entry, by: By, now: datetime) -> Entry:
        """Put it into the bin. Raises Stale."""
        return await self._unique(
            lambda tx: _put(tx, before, before.what, by, now, did="remove", deleted_at=now), before, before.what
        )

    async def restore(self, before: Entry, by: By, now: datetime, *, at_most: int) -> Entry:
        """Take it out of the bin. Raises Conflict when its name is taken meanwhile, LimitReached."""

        def unit(tx: Tx) -> Entry | None:
            if _count(tx, before.community_id) >= at_most:
                raise LimitReached(f"This community has {at_most} commands already. Remove one first.")
            return _put(tx, before, before.what, by, now, did="restore", deleted_at=None)

        return await self._unique(unit, before, before.what)

    async def _unique(self, unit: Callable[[Tx], Entry | None], before: Entry, wish: Wish) -> Entry:
        try:
            changed = await self._database.write(unit)
        except UniqueViolation:
            raise taken(wish.name) from None
        if changed is None:
            raise Stale(f"Somebody changed !{before.name} meanwhile.")
        return changed

    async def history(self, entry_id: int) -> list[Change]:
        """Everything that was done to a command, newest first."""
        found = await self._database.read(
            lambda tx: tx.rows(
                "SELECT version, editor, editor_name, did, before, after, at FROM command_history"
                " WHERE command_id = ? ORDER BY version DESC LIMIT 200",
                entry_id,
            )
        )
        return [
            Change(version, editor, name, did, _wish.decode(before), _wish.decode(after), at)
            for version, editor, name, did, before, after, at in found
        ]


def taken(name: str) -> Conflict:
    """What is said about a name that a command of the community has."""
    return Conflict(f"There is a !{name} already. Use !cmd edit {name} …", name=name)


def _count(tx: Tx, community_id: int) -> int:
    return int(
        tx.value("SELECT count(*) FROM commands WHERE community_id = ? AND deleted_at IS NULL", community_id)
    )  # fmt: skip


def _insert(tx: Tx, community_id: int, wish: Wish, origin: Origin, by: By, now: datetime) -> Entry:
    values = (
        community_id, plain_name(wish.name), *rows.columns_of(wish), origin.source, origin.external_id,
        origin.original, 1, by.member_id, by.name, now, by.member_id, by.name, now,
    )  # fmt: skip
    row = tx.row(
        f"INSERT INTO commands (community_id, name_key, {rows.WISH}, source, external_id, original, version,"
        " created_by, created_name, created_at, updated_by, updated_name, updated_at)"
        f" VALUES ({', '.join('?' * len(values))}) RETURNING {rows.COLUMNS}",
        *values,
    )
    assert row is not None
    made = rows.entry_of(row)
    _write_down(tx, made, by, "add", None, wish, now)
    rows.mark_changed(tx, community_id, now)
    return made


_CHANGED = ", ".join(f"{column} = ?" for column in rows.WISH.split(", "))


def _put(
    tx: Tx, before: Entry, wish: Wish, by: By, now: datetime, *, did: str, deleted_at: datetime | None
) -> Entry | None:
    row = tx.row(
        f"UPDATE commands SET {_CHANGED}, name_key = ?, version = version + 1, updated_by = ?, updated_name = ?,"
        f" updated_at = ?, deleted_at = ? WHERE id = ? AND version = ? RETURNING {rows.COLUMNS}",
        *rows.columns_of(wish), plain_name(wish.name), by.member_id, by.name, now, deleted_at, before.id,
        before.version,
    )  # fmt: skip
    if row is None:
        return None
    after = rows.entry_of(row)
    _write_down(tx, after, by, did, before.what, None if did == "remove" else wish, now)
    rows.mark_changed(tx, before.community_id, now)
    return after


def _write_down(tx: Tx, entry: Entry, by: By, did: str, before: Wish | None, after: Wish | None, now: datetime) -> None:
    tx.run(
        "INSERT INTO command_history (command_id, version, editor, editor_name, did, before, after, at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        entry.id, entry.version, by.member_id, by.name, did, _json(before), _json(after), now,
    )  # fmt: skip


def _json(wish: Wish | None) -> str:
    return msgspec.json.encode(wish).decode()
