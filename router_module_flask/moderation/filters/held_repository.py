"""First messages that wait for a moderator."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from flask_core.contracts.filters import Held
from flask_core.database import AsyncDAL, Tx
from flask_core.datamodels import Event
from router_module_flask.audit import Change, write_down
from router_module_flask.models import Speaker

type Decision = Literal["release", "drop"]

_STATES: dict[Decision, str] = {"release": "said after all", "drop": "forgotten"}
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

    async def decide(self, community_id: int, held_id: int, decision: Decision, actor: str, now: datetime) -> bool:
        """Forget a message and write down who decided what; False when somebody else did before."""

        def unit(tx: Tx) -> bool:
            row = tx.row(
                "DELETE FROM held_messages WHERE community_id = ? AND id = ? RETURNING member_id, channel",
                community_id, held_id,
            )  # fmt: skip
            if row is not None:
                before = {"member": row[0], "channel": row[1], "state": "waiting"}
                change = Change(
                    community_id, actor, f"held.{decision}", str(held_id),
                    was=before, became=before | {"state": _STATES[decision]},
                )  # fmt: skip
                write_down(tx, change, now)
            return row is not None

        return await self._database.write(unit)
