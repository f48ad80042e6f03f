"""A module's doors for backup and restore, for the portal alone, and what keeps others from writing meanwhile."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from flask_core.auth import utc_now
from flask_core.backup_restore import CLOSED, Restores
from flask_core.backup_snapshot import Snapshots
from flask_core.contracts import backup
from flask_core.errors import Forbidden, Unavailable
from flask_core.migrations import SHARED_FOLDER, fresh_tables
from flask_core.operations import Caller, Endpoints

if TYPE_CHECKING:
    from flask_core.app_factory import Service

log = logging.getLogger(__name__)

_PATIENCE = 20.0
_LOOK_SECONDS = 2.0
_LOOK_ANYWAY_SECONDS = 60.0
_SWEEP_SECONDS = 3_600.0


class BackupDoors:
    """A snapshot and a restore take as long as they take: who asks is answered within 20 s, and asks again."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._database = service.database
        self._snapshots = Snapshots(service.database, utc_now)
        self._restores = Restores(service.database, self._fresh, utc_now)
        self._under_way: dict[str, asyncio.Task[Any]] = {}

    def _fresh(self) -> Any:
        folders = [SHARED_FOLDER, self._service.info.schema_folder]
        return fresh_tables(self._database.url, self._database.schema, folders)

    async def take(self, asked: backup.Take) -> backup.Taken:
        """The snapshot, or nothing yet."""
        if f"take {asked.id}" not in self._under_way and await self._snapshots.is_being_taken(asked.id):
            return backup.Taken()
        done, contents = await self._patiently(f"take {asked.id}", lambda: self._snapshots.take(asked.id))
        return backup.Taken(contents if done else None)

    async def open(self, asked: backup.OpenRestore, caller: Caller) -> backup.RestoreState:
        """From now on nothing else is written, here and in the other replicas."""
        if caller.service != backup.PORTAL:
            raise Forbidden(f"This is not open to the module {caller.service}.")
        await self._restores.open(asked, "open")
        self._database.closed = CLOSED
        await self._tell()
        return backup.RestoreState("open")

    async def apply(self, asked: backup.RestoreOf) -> backup.RestoreState:
        """All rows are those that were brought, or it goes on."""
        done, _ = await self._patiently(f"apply {asked.id}", lambda: self._restores.apply(asked.id))
        if not done:
            # On SQLite its transaction has the only thread that writes; whoever waited for it would wait in vain.
            return backup.RestoreState("open", busy=True)
        return backup.RestoreState(await self._restores.state(asked.id))

    async def end(self, asked: backup.RestoreOf) -> backup.RestoreState:
        """Writing goes on; where rows were replaced, in processes that begin anew."""
        state = await self._restores.end(asked.id)
        await self._look()
        await self._tell()
        return backup.RestoreState(state)

    async def _tell(self) -> None:
        try:
            await self._service.shared.publish(backup.TOPIC_CLOSED, self._service.info.name.encode())
        except Unavailable as error:
            log.warning("other replicas will see by themselves that a restore is under way: %s", error.message)

    async def _patiently[A](self, name: str, work: Callable[[], Awaitable[A]]) -> tuple[bool, A | None]:
        task = self._under_way.get(name)
        if task is None:
            task = self._under_way[name] = asyncio.ensure_future(work())
        done, _ = await asyncio.wait({task}, timeout=_PATIENCE)
        if not done:
            return False, None
        self._under_way.pop(name, None)
        return True, task.result()

    async def watch(self) -> None:
        """For ever: see what other replicas were told, and when it is over."""
        async with self._service.shared.subscribe(backup.TOPIC_CLOSED) as messages:
            while True:
                await self._look()
                if self._database.closed:
                    await asyncio.sleep(_LOOK_SECONDS)
                    continue
                try:
                    await asyncio.wait_for(anext(messages), _LOOK_ANYWAY_SECONDS)
                except TimeoutError:
                    continue

    async def _look(self) -> None:
        state = await self._restores.under_way()
        if state in {"open", "applied"}:
            self._database.closed = CLOSED
        elif state == "over" and self._database.closed and self._service.runtime.restart is not None:
            # What this process remembers is of before; it stays closed until it has gone.
            self._service.runtime.restart()
        elif self._database.closed:
            self._database.closed = ""
            self._service.gate.forget_all()

    async def forget_old(self) -> None:
        """For ever; not in the first minute, when everything begins."""
        await asyncio.sleep(_LOOK_ANYWAY_SECONDS)
        while True:
            await self._snapshots.forget_old()
            await self._restores.forget_old()
            await asyncio.sleep(_SWEEP_SECONDS)

    def endpoints(self) -> Endpoints:
        """What the portal calls."""
        api = Endpoints()
        self._offer_backup(api)
        self._offer_restore(api)
        return api

    def _offer_backup(self, api: Endpoints) -> None:
        @api.offers(backup.TAKE)
        async def take(asked: backup.Take, _: Caller) -> backup.Taken:
            return await self.take(asked)

        @api.offers(backup.PIECE)
        async def piece(asked: backup.PieceOf, _: Caller) -> backup.Piece:
            return backup.Piece(await self._snapshots.piece(asked))

        @api.offers(backup.FORGET)
        async def forget(asked: backup.Take, _: Caller) -> None:
            await self._snapshots.forget(asked.id)

        @api.offers(backup.PRESENT)
        async def present(_: backup.Nothing, __: Caller) -> backup.Present:
            return await self._snapshots.present()

    def _offer_restore(self, api: Endpoints) -> None:
        @api.offers(backup.OPEN)
        async def open_restore(asked: backup.OpenRestore, caller: Caller) -> backup.RestoreState:
            return await self.open(asked, caller)

        @api.offers(backup.PROVE)
        async def prove(asked: backup.OpenRestore, _: Caller) -> backup.RestoreState:
            await self._restores.open(asked, "proof")
            return backup.RestoreState("proof")

        @api.offers(backup.PUT)
        async def put(asked: backup.PutPiece, _: Caller) -> None:
            await self._restores.put(asked)

        @api.offers(backup.APPLY)
        async def apply(asked: backup.RestoreOf, _: Caller) -> backup.RestoreState:
            return await self.apply(asked)

        @api.offers(backup.STATE)
        async def state(asked: backup.RestoreOf, _: Caller) -> backup.RestoreState:
            return backup.RestoreState(await self._restores.state(asked.id))

        @api.offers(backup.END)
        async def end(asked: backup.RestoreOf, _: Caller) -> backup.RestoreState:
            return await self.end(asked)


def offer_backups(service: Service) -> None:
    """Let the portal back the module up and restore it."""
    doors = BackupDoors(service)
    service.offers(doors.endpoints())
    service.in_background("restores", doors.watch)
    service.in_background("old backups", doors.forget_old)
