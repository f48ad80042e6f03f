"""Events that wait for modules which only listen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import msgspec

from flask_core.contracts.module import ScoredEvent
from flask_core.database import AsyncDAL

_decoder = msgspec.json.Decoder(ScoredEvent)


@dataclass(frozen=True, slots=True)
class Queued:
    """An event for a module, with its place in the queue."""

    seq: int
    event: ScoredEvent


class ListenerQueue:
    """First in, first out, per module."""

    def __init__(self, database: AsyncDAL) -> None:
        self._database = database

    async def modules(self) -> list[str]:
        """Modules for which something waits."""
        rows = await self._database.read(lambda tx: tx.rows("SELECT DISTINCT module FROM listener_queue"))
        return [row[0] for row in rows]

    async def oldest(self, module: str, limit: int) -> list[Queued]:
        """The next events for `module`; two replicas may hand out the same, which its event ids absorb."""
        rows = await self._database.read(
            lambda tx: tx.rows(
                "SELECT seq, body FROM listener_queue WHERE module = ? ORDER BY seq LIMIT ?", module, limit
            )
        )
        return [Queued(seq, _decoder.decode(body)) for seq, body in rows]

    async def drop(self, queued: list[Queued]) -> None:
        """Forget what was taken."""
        places = ", ".join("?" * len(queued))
        seqs = [item.seq for item in queued]
        await self._database.write(lambda tx: tx.run(f"DELETE FROM listener_queue WHERE seq IN ({places})", *seqs))

    async def drop_old(self, before: datetime) -> None:
        """Forget what nobody took for too long."""
        await self._database.write(lambda tx: tx.run("DELETE FROM listener_queue WHERE queued_at < ?", before))
