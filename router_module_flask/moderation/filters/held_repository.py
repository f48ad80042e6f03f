"""First messages that wait for a moderator."""

from __future__ import annotations

from datetime import datetime

from flask_core.contracts.filters import Held
from flask_core.database import AsyncDAL, Tx
from flask_core.datamodels import Event
from router_module_flask.models import Speaker
from router_module_flask.moderation.filters.repository import write_down

_SHOWN = 200
_COLUMNS = "id, speaker, channel, text, reason, held_at"


class HeldRepository:
    """One row per message, until somebody decides or three days are over."""

    def __init__(self, database: AsyncDAL) -> None:
        self._database = database

    async def hold(self, event: Event, speaker: Speaker, reason: str, now: datetime) -> None:
        """Keep a message; the same one again is kept once."""
        await self._database.write(
            lambda tx: tx.run(
                "INSERT INTO held_messages (community_id, event_id, member_id, speaker, channel, text, reason, held_at)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (event_id) DO NOTHING",
                speaker.community_id,
                event.event_id,
                speaker.member_id,
                speaker.name,
                event.channel,
                event.text,
                reason,
                now,
            )
        )

    async def waiting(self, community_id: int) -> list[Held]:
        """What waits, oldest first."""
        rows = await self._database.read(
            lambda tx: tx.rows(
                f"SELECT {_COLUMNS} FROM held_messages WHERE community_id = ? ORDER BY id LIMIT ?", community_id, _SHOWN
            )
        )
        return [Held(*row) for row in rows]

    async def one(self, community_id: int, held_id: int) -> Held | None:
        """One of them, when it is this community's."""
        row = await self._database.read(
            lambda tx: tx.row(
                f"SELECT {_COLUMNS} FROM held_messages WHERE community_id = ? AND id = ?", community_id, held_id
            )
        )
        return None if row is None else Held(*row)

    async def decide(self, community_id: int, held_id: int, action: str, actor: str, now: datetime) -> bool:
        """Forget a message and write down who decided what; False when somebody else did before."""

        def unit(tx: Tx) -> bool:
            gone = tx.run("DELETE FROM held_messages WHERE community_id = ? AND id = ?", community_id, held_id)
            if gone:
                write_down(tx, community_id, actor, action, str(held_id), "", now)
            return bool(gone)

        return await self._database.write(unit)
