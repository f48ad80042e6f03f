"""Channels whose lines are translated without being asked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from flask_core.audit import write_down
from flask_core.database import AsyncDAL, Tx


class TranslationRepository:
    """One row per channel, with the language that others are translated into."""

    def __init__(self, database: AsyncDAL, now: Callable[[], datetime]) -> None:
        self._database = database
        self._now = now

    async def channels(self, community_id: int) -> dict[str, str]:
        """The language by channel."""
        rows = await self._database.read(
            lambda tx: tx.rows(
                "SELECT channel, language FROM ai_translations WHERE community_id = ? ORDER BY channel", community_id
            )
        )
        return dict(rows)

    async def language(self, community_id: int, channel: str) -> str | None:
        """Into what this channel's lines are translated."""
        return await self._database.read(
            lambda tx: tx.value(
                "SELECT language FROM ai_translations WHERE community_id = ? AND channel = ?", community_id, channel
            )
        )

    async def switch(self, community_id: int, channel: str, language: str, by: str) -> None:
        """Translate a channel's lines; "" ends it."""

        def unit(tx: Tx) -> None:
            tx.run("DELETE FROM ai_translations WHERE community_id = ? AND channel = ?", community_id, channel)
            if language:
                tx.run(
                    "INSERT INTO ai_translations (community_id, channel, language) VALUES (?, ?, ?)",
                    community_id, channel, language,
                )  # fmt: skip
            write_down(tx, community_id, by, "channel.translate", channel, "", language or "off", self._now())

        await self._database.write(unit)
