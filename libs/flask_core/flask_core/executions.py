"""Stored answers: an execution that is asked for again gets the same answer and has no second effect."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from datetime import datetime, timedelta
from typing import Any

import msgspec

from flask_core.auth import utc_now
from flask_core.batching import Batcher
from flask_core.database import AsyncDAL, Tx, UniqueViolation
from flask_core.datamodels import Reply
from flask_core.errors import ServiceError

KEPT = timedelta(hours=24)
_SWEEP_SECONDS = 600.0
_AT_ONCE = 1_000
_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Reply)


class Executions:
    """Effects and answer commit in one transaction of the module's own database."""

    def __init__(self, database: AsyncDAL, now: Callable[[], datetime] = utc_now) -> None:
        self._database = database
        self._now = now
        self._look_ups: Batcher[str, Reply | None] = Batcher(self._look_up)

    async def once(self, execution_id: str, run: Callable[[], Awaitable[Reply]], *, first: bool = False) -> Reply:
        """The stored answer, else that of `run`, stored when it wrote something. Refusals roll back.

        Where this is said to be the `first` time, nothing is looked up before. Were it not, the key of the answer
        would be taken: what was written is rolled back, and the stored answer is the answer.
        """
        try:
            return await (self._fresh if first else self._run)(execution_id, run)
        except (UniqueViolation, ServiceError):
            # The same execution may have committed meanwhile, here or in another process: then we met its
            # effects, and its answer is the answer.
            stored = await self._stored(execution_id)
            if stored is None:
                raise
            return stored

    async def _run(self, execution_id: str, run: Callable[[], Awaitable[Reply]]) -> Reply:
        stored = await self._stored(execution_id)
        return stored if stored is not None else await self._fresh(execution_id, run)

    async def _fresh(self, execution_id: str, run: Callable[[], Awaitable[Reply]]) -> Reply:
        async with self._database.transaction() as transaction:
            reply = await run()
            if transaction.wrote:
                await self._keep(execution_id, reply)
            return reply

    async def _stored(self, execution_id: str) -> Reply | None:
        # Executions that begin at the same time look together: one query instead of many.
        return await self._look_ups.add(execution_id)

    async def _look_up(self, execution_ids: list[str]) -> list[Reply | None]:
        places = ", ".join("?" * len(execution_ids))
        rows = await self._database.read(
            lambda tx: tx.rows(
                f"SELECT execution_id, answer FROM executions WHERE execution_id IN ({places})",  # noqa: S608
                *execution_ids,
            )
        )
        stored = {execution_id: _decoder.decode(answer) for execution_id, answer in rows}
        return [stored.get(execution_id) for execution_id in execution_ids]

    async def _keep(self, execution_id: str, reply: Reply) -> None:
        answer, now = _encoder.encode(reply).decode(), self._now()
        await self._database.write(
            lambda tx: tx.run(
                "INSERT INTO executions (execution_id, answer, created_at) VALUES (?, ?, ?)", execution_id, answer, now
            )
        )

    async def forget_old(self) -> None:
        """For ever: forget answers older than a day."""
        while True:
            await self.sweep()
            await asyncio.sleep(_SWEEP_SECONDS)

    async def sweep(self) -> int:
        """Forget old answers now, in bounded steps; returns how many."""
        before, forgotten = self._now() - KEPT, 0
        while step := await self._database.write(lambda tx: _forget(tx, before)):
            forgotten += step
        return forgotten


async def apart[R](work: Coroutine[Any, Any, R]) -> R:
    """Do it outside the command's transaction.

    For what takes long, for what is kept although the command is refused, and for what others are told about: they
    would look before it is committed.
    """
    return await asyncio.create_task(work)


def _forget(tx: Tx, before: datetime) -> int:
    return tx.run(
        "DELETE FROM executions WHERE execution_id IN"
        " (SELECT execution_id FROM executions WHERE created_at < ? ORDER BY created_at LIMIT ?)",
        before,
        _AT_ONCE,
    )
