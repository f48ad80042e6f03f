"""Events of a trigger that wait in its table `spool` until the router can take them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

import msgspec

from flask_core.database import AsyncDAL, Tx
from flask_core.datamodels import Event, MessageType

_decoder = msgspec.json.Decoder(Event)
_PAGE = 500
_MONEY = (
    MessageType.SUBSCRIPTION, MessageType.RESUB, MessageType.SUBGIFT, MessageType.CHEER, MessageType.DONATION,
)  # fmt: skip


class SpoolRepository:
    """In the order they came; bounded: the oldest chat lines go first, then the oldest others, money last."""

    def __init__(self, database: AsyncDAL, limit: int) -> None:
        self._database = database
        self._limit = limit

    async def add(self, events: Sequence[Event], now: datetime) -> int:
        """Keep events; one that is kept already is kept once. How many had to be given up for want of room."""

        def unit(tx: Tx) -> int:
            for event in events:
                tx.run(
                    "INSERT INTO spool (event_id, chat, event, received_at) VALUES (?, ?, ?, ?)"
                    " ON CONFLICT (event_id) DO NOTHING",
                    event.event_id, event.message_type is MessageType.CHAT, msgspec.json.encode(event).decode(), now,
                )  # fmt: skip
            over = int(tx.value("SELECT count(*) FROM spool")) - self._limit
            return _give_up(tx, over) if over > 0 else 0

        return await self._database.write(unit)

    async def oldest(self, limit: int) -> list[tuple[int, Event]]:
        """The next to hand over."""
        rows = await self._database.read(lambda tx: tx.rows("SELECT seq, event FROM spool ORDER BY seq LIMIT ?", limit))
        return [(seq, _decoder.decode(event)) for seq, event in rows]

    async def done(self, seqs: Sequence[int]) -> None:
        """Forget what was handed over."""
        await self._database.write(lambda tx: tx.many("DELETE FROM spool WHERE seq = ?", [(seq,) for seq in seqs]))

    async def drop(self, fits: Callable[[Event], bool]) -> int:
        """Forget those that fit; how many there were."""
        dropped, after = 0, 0
        while page := await self._after(after):
            gone = [seq for seq, event in page if fits(event)]
            await self.done(gone)
            dropped, after = dropped + len(gone), page[-1][0]
        return dropped

    async def _after(self, seq: int) -> list[tuple[int, Event]]:
        rows = await self._database.read(
            lambda tx: tx.rows("SELECT seq, event FROM spool WHERE seq > ? ORDER BY seq LIMIT ?", seq, _PAGE)
        )
        return [(number, _decoder.decode(event)) for number, event in rows]

    async def forget(self, before: datetime) -> None:
        """Forget what is too old to mean anything."""
        await self._database.write(lambda tx: tx.run("DELETE FROM spool WHERE received_at < ?", before))

    async def waiting(self) -> int:
        """How many wait."""
        return int(await self._database.read(lambda tx: tx.value("SELECT count(*) FROM spool")))


def _give_up(tx: Tx, count: int) -> int:
    """Forget the oldest chat lines, then the oldest without money, then the oldest; how many that were."""
    # A text cannot pretend to be a type: its quotes are written with a backslash.
    worth = " OR ".join("event LIKE ?" for _ in _MONEY)
    order = f"ORDER BY chat DESC, CASE WHEN {worth} THEN 1 ELSE 0 END, seq LIMIT ?"
    kinds = [f'%"message_type":"{kind}"%' for kind in _MONEY]
    return tx.run(f"DELETE FROM spool WHERE seq IN (SELECT seq FROM spool {order})", *kinds, count)  # noqa: S608 - ours
