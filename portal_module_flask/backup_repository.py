"""Backup, proof and restore as jobs, and what was proved. Written also while everything else is closed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask_core.database import AsyncDAL, Tx, UniqueViolation
from flask_core.errors import Conflict, NotFound

CLAIM = timedelta(seconds=60)
KEPT = timedelta(days=400)
_COLUMNS = "id, kind, occasion, file, made_at, sealed, acting, person_id, state, step, problem, ended_at"


@dataclass(frozen=True, slots=True)
class Job:
    """`sealed` is the passphrase, `acting` the operator as JSON; both are gone when it is over."""

    id: str
    kind: str
    occasion: str
    file: str
    made_at: datetime
    sealed: str = ""
    acting: str = ""
    person_id: str = ""
    state: str = "waiting"
    step: str = ""
    problem: str = ""
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Proof:
    """What came of restoring a backup into tables made for it; `problem` is empty where all went well."""

    file: str
    proved_at: datetime
    problem: str
    rows: int


class JobRepository:
    """One job is under way at a time, in all replicas together."""

    def __init__(self, database: AsyncDAL) -> None:
        self._database = database

    async def add(self, job: Job) -> None:
        """A new job; raises Conflict while another is under way."""

        def unit(tx: Tx) -> None:
            tx.run("DELETE FROM backup_jobs WHERE made_at < ?", job.made_at - KEPT)
            tx.run(
                "INSERT INTO backup_jobs (id, kind, occasion, file, sealed, acting, person_id, state, under_way, step,"
                " problem, claimed_by, claimed_until, made_at) VALUES (?, ?, ?, ?, ?, ?, ?, 'waiting', ?, '', '', '', ?, ?)",
                job.id, job.kind, job.occasion, job.file, job.sealed, job.acting, job.person_id, True, job.made_at,
                job.made_at,
            )  # fmt: skip

        try:
            await self._write(unit)
        except UniqueViolation as error:
            raise Conflict("Another backup, proof or restore is under way. Wait until it is over.") from error

    async def claim(self, owner: str, now: datetime) -> Job | None:
        """The job that is under way, if nobody works on it."""
        waits = "under_way AND claimed_until <= ?"
        if not await self._database.read(lambda tx: tx.value(f"SELECT 1 FROM backup_jobs WHERE {waits}", now)):
            return None
        row = await self._write(
            lambda tx: tx.row(
                f"UPDATE backup_jobs SET state = 'running', claimed_by = ?, claimed_until = ? WHERE {waits}"
                f" RETURNING {_COLUMNS}",
                owner, now + CLAIM, now,
            )
        )  # fmt: skip
        return Job(*row) if row else None

    async def beat(self, job_id: str, owner: str, now: datetime) -> bool:
        """Still at it; False when somebody else is by now."""
        return bool(
            await self._write(
                lambda tx: tx.run(
                    "UPDATE backup_jobs SET claimed_until = ? WHERE id = ? AND claimed_by = ? AND under_way",
                    now + CLAIM, job_id, owner,
                )
            )
        )  # fmt: skip

    async def step(self, job_id: str, step: str) -> None:
        """Tell how far it is."""
        await self._write(lambda tx: tx.run("UPDATE backup_jobs SET step = ? WHERE id = ?", step, job_id))

    async def end(self, job_id: str, problem: str, now: datetime) -> None:
        """It is over; the passphrase goes."""
        state = "failed" if problem else "done"
        await self._write(
            lambda tx: tx.run(
                "UPDATE backup_jobs SET state = ?, problem = ?, under_way = ?, sealed = '', acting = '', ended_at = ?"
                " WHERE id = ?",
                state, problem, False, now, job_id,
            )
        )  # fmt: skip

    async def find(self, job_id: str) -> Job:
        """A job as it is now."""
        row = await self._database.read(lambda tx: tx.row(f"SELECT {_COLUMNS} FROM backup_jobs WHERE id = ?", job_id))
        if row is None:
            raise NotFound("There is no such job.")
        return Job(*row)

    async def latest(self, limit: int = 20) -> list[Job]:
        """Newest first."""
        rows = await self._database.read(
            lambda tx: tx.rows(f"SELECT {_COLUMNS} FROM backup_jobs ORDER BY made_at DESC, id LIMIT ?", limit)
        )
        return [Job(*row) for row in rows]

    async def of_kind(self, kind: str, occasion: str, since: datetime) -> list[Job]:
        """Jobs of one kind and occasion since then, newest first."""
        rows = await self._database.read(
            lambda tx: tx.rows(
                f"SELECT {_COLUMNS} FROM backup_jobs WHERE kind = ? AND occasion = ? AND made_at >= ? ORDER BY made_at DESC",
                kind, occasion, since,
            )
        )  # fmt: skip
        return [Job(*row) for row in rows]

    async def keep_proof(self, proof: Proof) -> None:
        """What came of it, in place of what came of it before."""
        await self._write(
            lambda tx: tx.run(
                "INSERT INTO backup_proofs (file, proved_at, problem, row_count) VALUES (?, ?, ?, ?)"
                " ON CONFLICT (file) DO UPDATE SET proved_at = excluded.proved_at, problem = excluded.problem,"
                " row_count = excluded.row_count",
                proof.file, proof.proved_at, proof.problem, proof.rows,
            )
        )  # fmt: skip

    async def proofs(self) -> dict[str, Proof]:
        """What is known of backups, by name."""
        rows = await self._database.read(
            lambda tx: tx.rows("SELECT file, proved_at, problem, row_count FROM backup_proofs")
        )
        return {row[0]: Proof(*row) for row in rows}

    async def forget_proofs_but(self, files: list[str]) -> None:
        """Those of backups that are gone go as well."""
        gone = [(file,) for file in await self.proofs() if file not in files]
        await self._write(lambda tx: tx.many("DELETE FROM backup_proofs WHERE file = ?", gone))

    async def _write(self, unit: Callable[[Tx], Any]) -> Any:
        return await self._database.write(unit, while_closed=True)
