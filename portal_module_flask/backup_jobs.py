"""Works on backups, proofs and restores: by hand or by the clock, in one replica at a time, on after a crash."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime, timedelta

import msgspec

from flask_core.encryption import Sealer
from flask_core.errors import InvalidInput, ServiceError
from flask_core.operations import Acting
from portal_module_flask.backup_files import BY_HAND, DAILY, BackupFile, name_of
from portal_module_flask.backup_repository import Job, JobRepository, Proof
from portal_module_flask.backup_restoring import prove, restore
from portal_module_flask.backup_sealing import SHORTEST
from portal_module_flask.backups import Backups, Tell

log = logging.getLogger(__name__)

_BEAT_SECONDS = 15.0
_LOOK_SECONDS = 2.0
_CLOCK_SECONDS = 60.0
_WEEK = timedelta(days=7)
_TRIES, _BETWEEN_TRIES = 3, timedelta(minutes=10)


class BackupJobs:
    """`passphrase` is that of the settings, "" where there is none; `at` hour and minute of the daily backup."""

    def __init__(
        self,
        repository: JobRepository,
        backups: Backups,
        sealer: Sealer,
        *,
        passphrase: str,
        at: tuple[int, int],
        now: Callable[[], datetime],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.repository = repository
        self.backups = backups
        self._sealer = sealer
        self.passphrase = passphrase
        self.at = at
        self._now = now
        self._sleep = sleep
        self._owner = secrets.token_hex(8)
        self._begun = asyncio.Event()

    async def back_up(self, passphrase: str, *, occasion: str = BY_HAND, acting: Acting | None = None) -> Job:
        """Begin a backup; without a passphrase with that of the settings."""
        passphrase = passphrase or self.passphrase
        if len(passphrase) < SHORTEST:
            raise InvalidInput(f"The passphrase needs at least {SHORTEST} characters.")
        return await self._begin("backup", occasion, name_of(self._now(), occasion), passphrase, acting)

    async def prove(self, file: str, passphrase: str, *, occasion: str = BY_HAND, acting: Acting | None = None) -> Job:
        """Begin a proof that a backup can be restored."""
        self.backups.folder.path(file)
        return await self._begin("proof", occasion, file, passphrase or self.passphrase, acting)

    async def restore(self, file: str, passphrase: str, acting: Acting) -> Job:
        """Begin to restore, for an operator who has just signed in."""
        self.backups.folder.path(file)
        return await self._begin("restore", BY_HAND, file, passphrase or self.passphrase, acting)

    async def _begin(self, kind: str, occasion: str, file: str, passphrase: str, acting: Acting | None) -> Job:
        asked = msgspec.json.encode(acting).decode() if acting else ""
        person_id = acting.person_id if acting else ""
        job = Job(
            f"{kind}-{secrets.token_hex(6)}", kind, occasion, file, self._now(), self._sealer.seal(passphrase), asked,
            person_id,
        )  # fmt: skip
        await self.repository.add(job)
        self._begun.set()
        log.info("%s %s begins (%s)", kind, file, person_id or occasion)
        return job

    async def run(self) -> None:
        """For ever: at once what was begun here, and what another replica left lying within seconds."""
        while True:
            self._begun.clear()
            await self.step()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._begun.wait(), _LOOK_SECONDS)

    async def step(self) -> bool:
        """Work on the job that is under way, to its end; False when there is none for us."""
        job = await self.repository.claim(self._owner, self._now())
        if job is None:
            return False
        working = asyncio.create_task(self._work(job))
        beating = asyncio.create_task(self._beat(job, working))
        try:
            await asyncio.wait({working})
        finally:
            working.cancel()
            beating.cancel()
            await asyncio.gather(working, beating, return_exceptions=True)
        return True

    async def _beat(self, job: Job, working: asyncio.Task[None]) -> None:
        while True:
            await asyncio.sleep(_BEAT_SECONDS)
            try:
                if not await self.repository.beat(job.id, self._owner, self._now()):
                    working.cancel()
                    return
            except ServiceError as error:
                log.warning("the job %s could not say that it goes on: %s", job.id, error.message)

    async def _work(self, job: Job) -> None:
        problem = ""
        try:
            await self._do(job)
        except ServiceError as error:
            problem = error.message
            log.warning("%s of %s failed: %s", job.kind, job.file, problem)
        except Exception:  # The edge of a job: it must end, whatever happened.
            log.exception("%s of %s failed", job.kind, job.file)
            problem = "Something went wrong on our side; the log says more."
        await self.repository.end(job.id, problem, self._now())

    async def _do(self, job: Job) -> None:
        async def tell(step: str) -> None:
            await self.repository.step(job.id, step)

        passphrase = self._sealer.open(job.sealed).decode()
        if job.kind == "restore":
            await restore(self.backups, job, passphrase, tell)
        elif job.kind == "proof":
            await self._prove(job, passphrase, tell)
        else:
            await self.backups.make(job.id, job.file, passphrase, tell)
            await self.repository.forget_proofs_but([file.name for file in self.backups.folder.all()])

    async def _prove(self, job: Job, passphrase: str, tell: Tell) -> None:
        try:
            rows = await prove(self.backups, job, passphrase, tell)
        except ServiceError as error:
            await self.repository.keep_proof(Proof(job.file, self._now(), error.message, 0))
            raise
        await self.repository.keep_proof(Proof(job.file, self._now(), "", rows))

    async def by_the_clock(self) -> None:
        """For ever: the daily backup and the weekly proof, where the settings have a passphrase."""
        while self.passphrase:
            await self.look_at_the_clock()
            await self._sleep(_CLOCK_SECONDS)

    async def look_at_the_clock(self) -> None:
        """Begin what is due."""
        try:
            if await self._daily_is_due():
                await self.back_up("", occasion=DAILY)
            elif (file := await self._to_prove()) is not None:
                await self.prove(file.name, "", occasion=DAILY)
        except ServiceError as error:
            log.info("the backup by the clock waits: %s", error.message)

    async def _daily_is_due(self) -> bool:
        now = self._now()
        # The clock on the wall of this machine.
        local = now.astimezone()
        latest = local.replace(hour=self.at[0], minute=self.at[1], second=0, microsecond=0)
        if latest > local:
            latest -= timedelta(days=1)
        tried = await self.repository.of_kind("backup", DAILY, latest)
        if not tried:
            return True
        failed = all(job.state == "failed" for job in tried)
        return failed and len(tried) < _TRIES and now - tried[0].made_at > _BETWEEN_TRIES

    async def _to_prove(self) -> BackupFile | None:
        if await self.repository.of_kind("proof", DAILY, self._now() - _WEEK):
            return None
        return next(iter(self.backups.folder.all()), None)
