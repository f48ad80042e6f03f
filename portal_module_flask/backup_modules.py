"""The modules as a backup sees them: who there is, snapshots of them, and bringing one back."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from flask_core.backup_pieces import unpacked
from flask_core.contracts import backup, router
from flask_core.errors import Conflict, ServiceError, Unavailable
from flask_core.operations import Acting, Operation
from flask_core.runtime import Runtime
from flask_core.service_client import ServiceClient

_PATIENCE = 40.0
_WAITS = (1.0, 3.0, 10.0)
_GONE_AFTER = timedelta(days=7)


class Modules:
    """Every call may come again: what a module did already it does not do twice."""

    def __init__(
        self, client: ServiceClient, runtime: Runtime, *, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> None:
        self._client = client
        self._runtime = runtime
        self._sleep = sleep

    async def names(self, now: datetime) -> tuple[list[str], list[str]]:
        """The modules of this installation, and those that were not there for a week."""
        if len(self._runtime.modules) > 1:
            return sorted(self._runtime.modules), []
        known = await self._ask("router", router.MODULES, router.Nothing())
        present: list[str] = []
        gone: list[str] = []
        for one in known.items:
            name = one.manifest.name
            if (await self._ask("router", router.MODULE, router.ModuleName(name))).external:
                continue
            away = not one.instances and (one.last_seen is None or one.last_seen < now - _GONE_AFTER)
            (gone if away else present).append(name)
        return sorted(present), sorted(gone)

    async def take(self, module: str, snapshot_id: str) -> backup.Contents:
        """A snapshot, once it is taken."""
        while True:
            taken = await self._ask(module, backup.TAKE, backup.Take(snapshot_id))
            if taken.contents is not None:
                return taken.contents
            await self._sleep(_WAITS[0])

    async def piece(self, module: str, snapshot_id: str, table: str, number: int) -> bytes:
        """A piece of it."""
        asked = backup.PieceOf(snapshot_id, table, number)
        return unpacked((await self._ask(module, backup.PIECE, asked)).body)

    async def forget(self, module: str, snapshot_id: str) -> None:
        """It was fetched; a module that is away forgets by itself within a day."""
        try:
            await self._client.call(module, backup.FORGET, backup.Take(snapshot_id), timeout=_PATIENCE)
        except ServiceError:
            return

    async def present(self, module: str) -> backup.Present:
        """What it holds now."""
        return await self._ask(module, backup.PRESENT, backup.Nothing())

    async def state(self, module: str, restore_id: str) -> backup.State:
        """How far a restore is there."""
        return (await self._ask(module, backup.STATE, backup.RestoreOf(restore_id))).state

    async def open(self, module: str, asked: backup.OpenRestore, acting: Acting | None) -> None:
        """Begin a restore, which an operator has to ask for; or a proof, without one."""
        if acting is None:
            await self._ask(module, backup.PROVE, asked)
        else:
            await self._ask(module, backup.OPEN, asked, acting)

    async def put(self, module: str, restore_id: str, table: str, number: int, body: str) -> None:
        """Bring a piece as it travels."""
        await self._ask(module, backup.PUT, backup.PutPiece(restore_id, table, number, body))

    async def apply(self, module: str, restore_id: str) -> None:
        """Let it be put in place, however long that takes."""
        while True:
            answer = await self._ask(module, backup.APPLY, backup.RestoreOf(restore_id))
            if not answer.busy:
                break
            await self._sleep(_WAITS[0])
        if answer.state not in {"applied", "proof"}:
            raise Conflict(f"The {module} module gave the restore up meanwhile.")

    async def end(self, module: str, restore_id: str) -> None:
        """It may go on."""
        await self._ask(module, backup.END, backup.RestoreOf(restore_id))

    async def _ask[Q, A](self, module: str, operation: Operation[Q, A], asked: Q, acting: Acting | None = None) -> A:
        for wait in _WAITS:
            try:
                return await self._client.call(module, operation, asked, acting=acting, timeout=_PATIENCE)
            except Unavailable:
                await self._sleep(wait)
        return await self._client.call(module, operation, asked, acting=acting, timeout=_PATIENCE)
