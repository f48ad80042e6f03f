"""Backups for operators: make one, prove one, see what restoring one would change, and restore it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from quart import Blueprint, request

from flask_core.admission import FRESH_SIGN_IN
from flask_core.errors import InvalidInput, ServiceError, Unauthenticated
from portal_module_flask.backup_jobs import BackupJobs
from portal_module_flask.backup_preview import preview
from portal_module_flask.pages import blueprint, field, go, page
from portal_module_flask.visits import Visit, operators

_HERE = "/operator/backups"


def views(jobs: BackupJobs) -> Blueprint:
    """/operator/backups."""
    pages = blueprint("backups")

    @pages.get(_HERE)
    @operators
    async def show(visit: Visit) -> Any:
        return await _page(visit, jobs)

    @pages.post(_HERE)
    @operators
    async def make(visit: Visit) -> Any:
        try:
            _just_signed_in(visit)
            await jobs.back_up(await _passphrase_twice(), acting=visit.acting)
        except ServiceError as problem:
            return await _page(visit, jobs, problem)
        return go(f"{_HERE}?begun=backup")

    @pages.post(f"{_HERE}/proof")
    @operators
    async def prove(visit: Visit) -> Any:
        try:
            _just_signed_in(visit)
            await jobs.prove(await field("file"), await _passphrase(), acting=visit.acting)
        except ServiceError as problem:
            return await _page(visit, jobs, problem)
        return go(f"{_HERE}?begun=proof")

    @pages.post(f"{_HERE}/preview")
    @operators
    async def look(visit: Visit) -> Any:
        name = await field("file")
        try:
            _just_signed_in(visit)
            found = await preview(jobs.backups, name, await _passphrase() or jobs.passphrase)
        except ServiceError as problem:
            return await _page(visit, jobs, problem)
        return await page("backup_preview", visit, file=name, found=found, known=bool(jobs.passphrase), problem=None)

    @pages.post(f"{_HERE}/restore")
    @operators
    async def restore(visit: Visit) -> Any:
        try:
            _just_signed_in(visit)
            if await field("sure") != "yes":
                raise InvalidInput("Tick the box to restore.")
            await jobs.restore(await field("file"), await _passphrase(), visit.acting)
        except ServiceError as problem:
            return await _page(visit, jobs, problem)
        return go(f"{_HERE}?begun=restore")

    return pages


async def _passphrase() -> str:
    # As it was typed: spaces at its ends belong to it.
    return str((await request.form).get("passphrase", ""))


async def _passphrase_twice() -> str:
    passphrase = await _passphrase()
    if passphrase != str((await request.form).get("again", "")):
        raise InvalidInput("The two passphrases are not the same.")
    return passphrase


def _just_signed_in(visit: Visit) -> None:
    if datetime.now(UTC) - visit.person.signed_in_at > FRESH_SIGN_IN:
        raise Unauthenticated("Sign in again to do that.", sign_in_again=True)


async def _page(visit: Visit, jobs: BackupJobs, problem: ServiceError | None = None) -> Any:
    latest = await jobs.repository.latest()
    proofs = await jobs.repository.proofs()
    files = jobs.backups.folder.all()
    proved = next((file for file in files if (proof := proofs.get(file.name)) and not proof.problem), None)
    return await page(
        "backups", visit, status=problem.status if problem else 200, problem=problem, files=files, proofs=proofs,
        jobs=[job for job in latest if job.ended_at], under_way=next((job for job in latest if not job.ended_at), None),
        proved=proved, at="{:02}:{:02}".format(*jobs.at), known=bool(jobs.passphrase),
        folder=jobs.backups.folder.folder, begun="begun" in request.args,
    )  # fmt: skip
