"""One document of settings per community and module, checked against a struct whose defaults fill the gaps."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

import msgspec

from flask_core.auth import utc_now
from flask_core.contracts import module
from flask_core.database import AsyncDAL, Tx
from flask_core.errors import InvalidInput, Stale
from flask_core.operations import Caller, Endpoints

_FRESH_SECONDS = 30.0


class CommunitySettings[T: msgspec.Struct]:
    """`kind` is a frozen struct with `forbid_unknown_fields` and a default for every field.

    What was read is kept for 30 s; a change shows at once in this process and within 30 s in the others.
    """

    def __init__(
        self,
        database: AsyncDAL,
        kind: type[T],
        *,
        now: Callable[[], datetime] = utc_now,
        clock: Callable[[], float] = time.monotonic,
        remembers: int = 10_000,
    ) -> None:
        self._database = database
        self._kind = kind
        self._now = now
        self._clock = clock
        self._remembers = remembers
        self._kept: dict[int, tuple[float, T, int]] = {}
        self._changes = 0

    def schema(self) -> dict[str, Any]:
        """The JSON schema for the manifest, from which the portal draws the form."""
        (shape,), components = msgspec.json.schema_components([self._kind], ref_template="#/$defs/{name}")
        name = str(shape["$ref"]).rsplit("/", 1)[1]
        return {**components[name], "$defs": {key: value for key, value in components.items() if key != name}}

    async def read(self, community_id: int) -> tuple[T, int]:
        """The settings and their version; 0 while nobody changed anything."""
        kept = self._kept.get(community_id)
        if kept is not None and kept[0] > self._clock():
            return kept[1], kept[2]
        changes = self._changes
        settings, version = await self._load(community_id)
        # Somebody may have changed them while we read; then we would keep what is old already.
        if changes == self._changes:
            self._keep(community_id, settings, version)
        return settings, version

    async def write(self, community_id: int, document: dict[str, Any], version: int) -> tuple[T, int]:
        """Replace the document. Raises InvalidInput naming the field, Stale when somebody was faster."""
        try:
            settings = msgspec.convert(document, self._kind)
        except msgspec.ValidationError as error:
            raise InvalidInput(f"These settings cannot be used: {error}.", problem=str(error)) from None
        text, now = msgspec.json.encode(settings).decode(), self._now()
        if not await self._database.write(lambda tx: _write(tx, community_id, text, version, now)):
            current, known = await self.read_fresh(community_id)
            raise Stale(
                "Somebody changed these settings meanwhile.", current=msgspec.to_builtins(current), version=known
            )
        self._changed(community_id)
        return settings, version + 1

    async def read_fresh(self, community_id: int) -> tuple[T, int]:
        """Past what is kept."""
        self.forget(community_id)
        return await self.read(community_id)

    def forget(self, community_id: int) -> None:
        """Read again next time."""
        self._changes += 1
        self._kept.pop(community_id, None)

    async def erase(self, community_id: int) -> int:
        """Delete a community's settings; how many documents that were."""
        erased = await self._database.write(
            lambda tx: tx.run("DELETE FROM community_settings WHERE community_id = ?", community_id)
        )
        self._changed(community_id)
        return erased

    def _changed(self, community_id: int) -> None:
        self.forget(community_id)
        # Again at the end of a transaction: until then others still read, and keep, what was before.
        self._database.after_commit(lambda: self.forget(community_id))

    async def _load(self, community_id: int) -> tuple[T, int]:
        row = await self._database.read(
            lambda tx: tx.row("SELECT document, version FROM community_settings WHERE community_id = ?", community_id)
        )
        return (self._kind(), 0) if row is None else (self._decoded(row[0]), row[1])

    def _decoded(self, document: str) -> T:
        try:
            return msgspec.json.decode(document, type=self._kind)
        except msgspec.ValidationError:
            # Written by another version of the module: what still fits is kept, the rest is the default.
            fields: dict[str, Any] = msgspec.json.decode(document)
            fitting = {name: value for name, value in fields.items() if self._fits(name, value)}
            return msgspec.convert(fitting, self._kind)

    def _fits(self, name: str, value: Any) -> bool:
        try:
            msgspec.convert({name: value}, self._kind)
        except msgspec.ValidationError:
            return False
        return True

    def _keep(self, community_id: int, settings: T, version: int) -> None:
        if self._database.in_transaction:
            # It may show what is never committed.
            return
        if len(self._kept) >= self._remembers:
            self._kept.clear()
        self._kept[community_id] = (self._clock() + _FRESH_SECONDS, settings, version)

    def endpoints(self) -> Endpoints:
        """`GET` and `PUT …/settings`."""
        api = Endpoints()

        @api.offers(module.GET_SETTINGS)
        async def show(asked: module.CommunityOnly, _: Caller) -> module.Settings:
            settings, version = await self.read_fresh(asked.community_id)
            return module.Settings(msgspec.to_builtins(settings), version)

        @api.offers(module.PUT_SETTINGS)
        async def change(asked: module.PutSettings, _: Caller) -> module.Settings:
            settings, version = await self.write(asked.community_id, asked.document, asked.version)
            return module.Settings(msgspec.to_builtins(settings), version)

        return api


def _write(tx: Tx, community_id: int, document: str, version: int, now: datetime) -> bool:
    if version == 0:
        return bool(
            tx.run(
                "INSERT INTO community_settings (community_id, document, version, changed_at) VALUES (?, ?, 1, ?)"
                " ON CONFLICT (community_id) DO NOTHING",
                community_id,
                document,
                now,
            )
        )
    return bool(
        tx.run(
            "UPDATE community_settings SET document = ?, version = version + 1, changed_at = ?"
            " WHERE community_id = ? AND version = ?",
            document,
            now,
            community_id,
            version,
        )
    )
