"""Which channels are live, as far as their platforms told."""

from __future__ import annotations

from collections.abc import Sequence

from flask_core.contracts.module import EventBatch, EventsTaken, ScoredEvent
from flask_core.database import AsyncDAL, Tx
from flask_core.datamodels import LIVE_AFTER


class ChannelRepository:
    """Events may come twice and out of order; the latest counts."""

    def __init__(self, database: AsyncDAL) -> None:
        self._database = database

    async def hear(self, batch: EventBatch) -> EventsTaken:
        """Remember what the router tells."""
        told = [scored for scored in batch.events if scored.event.message_type in LIVE_AFTER and not scored.simulated]
        if told:
            await self._database.write(lambda tx: _remember(tx, told))
        return EventsTaken(len(batch.events))

    async def live(self, channel: str) -> bool | None:
        """Whether it is live, or None when nobody told."""
        found = await self._database.read(
            lambda tx: tx.row("SELECT live FROM channel_states WHERE channel = ?", channel)
        )
        return None if found is None else bool(found[0])


def _remember(tx: Tx, told: Sequence[ScoredEvent]) -> None:
    for scored in told:
        event = scored.event
        tx.run(
            "INSERT INTO channel_states (channel, community_id, live, told_at) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (channel) DO UPDATE SET community_id = excluded.community_id, live = excluded.live,"
            " told_at = excluded.told_at WHERE channel_states.told_at < excluded.told_at",
            event.channel, scored.community_id, LIVE_AFTER[event.message_type], event.occurred_at,
        )  # fmt: skip
