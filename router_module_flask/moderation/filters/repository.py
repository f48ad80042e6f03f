"""Filters as communities set them, in their table."""

from __future__ import annotations

from datetime import datetime

import msgspec

from flask_core.database import AsyncDAL, Tx
from router_module_flask.audit import Change, write_down
from router_module_flask.moderation.filters.settings import FilterSettings

_document = msgspec.json.Decoder(FilterSettings)

type Kept = tuple[FilterSettings, int]


class FilterRepository:
    """One row per community and filter that somebody touched."""

    def __init__(self, database: AsyncDAL) -> None:
        self._database = database

    async def all(self, community_id: int) -> dict[str, Kept]:
        """Settings and version by the name of the filter."""
        rows = await self._database.read(
            lambda tx: tx.rows("SELECT name, document, version FROM filters WHERE community_id = ?", community_id)
        )
        return {name: (_document.decode(document), version) for name, document, version in rows}

    async def put(
        self, community_id: int, name: str, settings: FilterSettings, version: int, actor: str, said: str, now: datetime
    ) -> bool:
        """Keep the settings and who set them; False when the version is not the one that they were read in."""
        document = msgspec.json.encode(settings).decode()

        def unit(tx: Tx) -> bool:
            was = tx.value("SELECT document FROM filters WHERE community_id = ? AND name = ?", community_id, name)
            if version == 0:
                written = tx.run(
                    "INSERT INTO filters (community_id, name, document, version, changed_at) VALUES (?, ?, ?, 1, ?)"
                    " ON CONFLICT (community_id, name) DO NOTHING",
                    community_id, name, document, now,
                )  # fmt: skip
            else:
                written = tx.run(
                    "UPDATE filters SET document = ?, version = version + 1, changed_at = ?"
                    " WHERE community_id = ? AND name = ? AND version = ?",
                    document, now, community_id, name, version,
                )  # fmt: skip
            if written:
                before = None if was is None else msgspec.json.decode(was)
                after = msgspec.json.decode(document)
                write_down(tx, Change(community_id, actor, "filter.change", name, said, before, after), now)
            return bool(written)

        return await self._database.write(unit)
