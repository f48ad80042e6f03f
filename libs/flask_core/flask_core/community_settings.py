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
_REMEMBERED = 10_000


class CommunitySettings[T: msgspec.Struct]:
    """`kind` is a frozen struct with `forbid_unknown_fields` and a default for every field."""

    def __init__(
        self,
        database: AsyncDAL,
        kind: type[T],
        *,
        now: Callable[[], datetime] = utc_now,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._kind = kind
        self._now = now
        self._clock = clock
        self._kept: dict[int, tuple[float, T, int]] = {}

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
        document, version = await self._database.read(lambda tx: _read(tx, community_id))
        settings = msgspec.json.decode(document, type=self._kind)
        if len(self._kept) >= _REMEMBERED:
            self._kept.clear()
        self._kept[community_id] = (self._clock() + _FRESH_SECONDS, settings, version)
        return settings, version

    async def write(self, community_id: int, document: dict[str, Any], version: int) -> tuple[T, int]:
        """Replace the document. Raises InvalidInput naming the field, Stale when somebody was faster."""
        try:
            settings = msgspec.convert(document, self._kind)
        except msgspec.ValidationError as error:
            raise InvalidInput("These settings cannot be used.", problem=str(error)) from None
        text = msgspec.json.encode(settings).decode()
        if not await self._database.write(lambda tx: _write(tx, community_id, text, version, self._now())):
            current, known = await self.read_fresh(community_id)
            raise Stale(
                "Somebody changed these settings meanwhile.", current=msgspec.to_builtins(current), version=known
            )
        return await self.read_fresh(community_id)

    async def read_fresh(self, community_id: int) -> tuple[T, int]:
        """Past the cache."""
        self._kept.pop(community_id, None)
        return await self.read(community_id)

    async def erase(self, community_id: int) -> int:
        """Forget a community's settings."""
        self._kept.pop(community_id, None)
        return await self._database.write(
            lambda tx: tx.run("DELETE FROM community_settings WHERE community_id = ?", community_id)
        )

    def endpoints(self) -> Endpoints:
        """`GET` and `PUT …/settings`."""
        api = Endpoints()

        @api.offers(module.GET_SETTINGS)
        async def show(asked: module.CommunityOnly, _: Caller) -> module.Settings:
            settings, version = await self.read(asked.community_id)
            return module.Settings(msgspec.to_builtins(settings), version)

        @api.offers(module.PUT_SETTINGS)
        async def change(asked: module.PutSettings, _: Caller) -> module.Settings:
            settings, version = await self.write(asked.community_id, asked.document, asked.version)
            return module.Settings(msgspec.to_builtins(settings), version)

        return api


def _read(tx: Tx, community_id: int) -> tuple[str, int]:
    row = tx.row("SELECT document, version FROM community_settings WHERE community_id = ?", community_id)
    return ("{}", 0) if row is None else (row[0], row[1])


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
