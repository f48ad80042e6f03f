"""Notices, until they are over or old."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask_core.contracts.notices import Notice, PutNotice
from flask_core.database import AsyncDAL, Tx

MOST_SHOWN = 20
_SHOWN = "id, text, link, made_at"


class NoticeRepository:
    """One row per key; of several about the same the newest is shown."""

    def __init__(self, database: AsyncDAL) -> None:
        self._database = database

    async def put(self, source: str, asked: PutNotice, now: datetime) -> Notice:
        """Keep a notice in place of older ones about the same; a key that is known changes nothing."""

        def unit(tx: Tx) -> Notice:
            made = tx.run(
                "INSERT INTO notices (idempotency_key, source, about, community_id, person_id, text, link, made_at, over)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (idempotency_key) DO NOTHING",
                f"{source}:{asked.idempotency_key}", source, asked.about, asked.community_id, asked.person_id, asked.text,
                asked.link, now, False,
            )  # fmt: skip
            row = tx.row(f"SELECT {_SHOWN} FROM notices WHERE idempotency_key = ?", f"{source}:{asked.idempotency_key}")
            assert row is not None
            if made:
                tx.run(
                    "UPDATE notices SET over = ? WHERE source = ? AND about = ? AND id < ?",
                    True, source, asked.about, row[0],
                )  # fmt: skip
            notice_id, text, link, made_at = row
            return Notice(notice_id, text, link, made_at, bool(made))

        return await self._database.write(unit)

    async def resolve(self, source: str, about: str) -> None:
        """What a module told about this is over."""
        await self._database.write(
            lambda tx: tx.run("UPDATE notices SET over = ? WHERE source = ? AND about = ?", True, source, about)
        )

    async def of_community(self, community_id: int) -> list[Notice]:
        """What a community's moderators have to know, newest first."""
        return await self._shown("community_id = ? AND community_id <> 0", community_id)

    async def of_person(self, person_id: str) -> list[Notice]:
        """What a person has to know, newest first."""
        return await self._shown("person_id = ? AND person_id <> ''", person_id)

    async def _shown(self, condition: str, value: Any) -> list[Notice]:
        rows = await self._database.read(
            lambda tx: tx.rows(
                f"SELECT {_SHOWN} FROM notices WHERE {condition} AND over = ? ORDER BY made_at DESC, id DESC LIMIT ?",
                value, False, MOST_SHOWN,
            )
        )  # fmt: skip
        return [Notice(*row) for row in rows]

    async def put_away(self, notice_id: int, *, community_id: int = 0, person_id: str = "") -> bool:
        """Somebody has seen one of a community's, or of their own; False when there is no such."""
        where, value = ("community_id", community_id) if community_id else ("person_id", person_id)
        changed = await self._database.write(
            lambda tx: tx.run(f"UPDATE notices SET over = ? WHERE id = ? AND {where} = ?", True, notice_id, value)
        )
        return changed > 0

    async def forget(self, before: datetime) -> int:
        """Forget what was told long ago."""
        return await self._database.write(lambda tx: tx.run("DELETE FROM notices WHERE made_at < ?", before))
