"""Stored answers: an execution that is asked for again gets the same answer and has no second effect."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import msgspec

from flask_core.auth import utc_now
from flask_core.database import AsyncDAL, Tx, UniqueViolation
from flask_core.datamodels import Reply

KEPT = timedelta(hours=24)
_SWEEP_SECONDS = 600.0
_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Reply)


class Executions:
    """Effects and answer commit in one transaction of the module's own database."""

    def __init__(self, database: AsyncDAL, now: Callable[[], datetime] = utc_now) -> None:
        self._database = database
        self._now = now

    async def once(self, execution_id: str, run: Callable[[], Awaitable[Reply]]) -> Reply:
        """The stored answer, else that of `run`, stored when it wrote something. Refusals roll back."""
        try:
            async with self._database.transaction() as transaction:
                stored = await self._database.read(lambda tx: _stored(tx, execution_id))
                if stored is not None:
                    return stored
                reply = await run()
                if transaction.wrote:
                    await self._keep(execution_id, reply)
                return reply
        except UniqueViolation:
            # The same execution committed meanwhile, in another process: its answer is the answer.
            stored = await self._database.read(lambda tx: _stored(tx, execution_id))
            if stored is None:
                raise
            return stored

    async def _keep(self, execution_id: str, reply: Reply) -> None:
        answer = _encoder.encode(reply).decode()
        await self._database.write(
            lambda tx: tx.run(
                "INSERT INTO executions (execution_id, answer, created_at) VALUES (?, ?, ?)",
                execution_id,
                answer,
                self._now(),
            )
        )

    async def forget_old(self) -> None:
        """For ever: forget answers older than a day."""
        while True:
            await self.sweep()
            await asyncio.sleep(_SWEEP_SECONDS)

    async def sweep(self) -> int:
        """Forget old answers now; returns how many."""
        before = self._now() - KEPT
        return await self._database.write(lambda tx: tx.run("DELETE FROM executions WHERE created_at < ?", before))


def _stored(tx: Tx, execution_id: str) -> Reply | None:
    answer = tx.value("SELECT answer FROM executions WHERE execution_id = ?", execution_id)
    return None if answer is None else _decoder.decode(answer)
