"""Proves a backup, and restores one: checked to its end, everything closed, the present kept, then put in place."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from contextlib import suppress

import msgspec

from flask_core.contracts import backup
from flask_core.errors import Conflict, ServiceError, UpstreamFailed
from flask_core.operations import Acting
from portal_module_flask.backup_archive import Manifest
from portal_module_flask.backup_files import BEFORE, name_of
from portal_module_flask.backup_repository import Job
from portal_module_flask.backups import KEYS_NAME, Backups, Tell

_KEEP_SECONDS = 60.0
_CLOSED: frozenset[backup.State] = frozenset({"open", "applied"})


async def prove(backups: Backups, job: Job, passphrase: str, tell: Tell) -> int:
    """Restore into tables made for it, which go again; how many rows. Raises the family's error where it fails."""
    await tell("Reading the backup")
    manifest, _ = await backups.look_into(job.file, passphrase)
    names = await _those_here(backups, manifest)
    try:
        for module in names:
            await tell(f"Opening {module}")
            asked = backup.OpenRestore(job.id, manifest.modules[module])
            await _named(module, backups.modules.open(module, asked, None))
        await _bring(backups, job, passphrase, frozenset(names))
        for module in names:
            await tell(f"Restoring {module} beside the real one")
            await _named(module, backups.modules.apply(module, job.id))
    finally:
        await _end(backups, job, names)
    return sum(manifest.modules[module].rows for module in names)


async def restore(backups: Backups, job: Job, passphrase: str, tell: Tell) -> None:
    """Put a backup in place of what is there. What fails before the first module is replaced changes nothing."""
    await tell("Reading the backup")
    manifest, keys = await backups.look_into(job.file, passphrase)
    check_keys(keys, backups.encryption_keys)
    names = await _those_here(backups, manifest)
    keeping = asyncio.create_task(_keep_closed(backups, job, names))
    try:
        states = await _close(backups, job, manifest, names, tell)
        before = name_of(job.made_at, BEFORE)
        await backups.make(f"{job.id}-before", before, passphrase, tell, keep=(job.file,))
        await tell("Bringing the backup to the modules")
        await _bring(backups, job, passphrase, frozenset(name for name in names if states[name] == "open"))
        await _apply(backups, job, names, before, tell)
    finally:
        keeping.cancel()
        # While this process ends, or another took the job over, everything stays closed: it goes on.
        if not _is_cancelled():
            await tell("Opening everything again")
            await _end(backups, job, names)


async def _apply(backups: Backups, job: Job, names: list[str], before: str, tell: Tell) -> None:
    applied: list[str] = []
    for module in names:
        await tell(f"Restoring {module}")
        try:
            await _named(module, backups.modules.apply(module, job.id))
        except ServiceError as error:
            if not applied:
                raise
            raise UpstreamFailed(
                f"{error.message} Restored already: {', '.join(applied)}. To go back, restore {before}."
            ) from error
        applied.append(module)


def check_keys(theirs: dict[str, str], ours: str) -> None:
    """Raise Conflict when what is sealed in the backup could not be opened here, or hashes would not fit."""
    wanted, here = _split(theirs.get(KEYS_NAME, "")), _split(ours)
    if set(wanted) - set(here) or (wanted and wanted[-1] != here[-1]):
        raise Conflict(
            "This backup's secrets are sealed with keys that this installation does not have."
            " Restore it with: waddlebot restore"
        )


def _split(keys: str) -> list[str]:
    return [key.strip() for key in keys.split(",") if key.strip()]


async def _those_here(backups: Backups, manifest: Manifest) -> list[str]:
    made = manifest.made_at
    here, _ = await backups.modules.names(made)
    missing = sorted(set(here) - manifest.modules.keys())
    if missing:
        raise Conflict(f"The backup has nothing of the {missing[0]} module.", module=missing[0])
    return [name for name in here if name in manifest.modules]


async def _close(
    backups: Backups, job: Job, manifest: Manifest, names: list[str], tell: Tell
) -> dict[str, backup.State]:
    acting = msgspec.json.decode(job.acting, type=Acting)
    states: dict[str, backup.State] = {}
    for module in names:
        await tell(f"Closing {module}")
        states[module] = await backups.modules.state(module, job.id)
        if states[module] not in _CLOSED:
            asked = backup.OpenRestore(job.id, manifest.modules[module])
            await _named(module, backups.modules.open(module, asked, acting))
            states[module] = "open"
    return states


async def _bring(backups: Backups, job: Job, passphrase: str, names: frozenset[str]) -> None:
    async def put(module: str, table: str, number: int, body: str) -> None:
        if module in names:
            await backups.modules.put(module, job.id, table, number, body)

    await backups.bring(job.file, passphrase, put)


async def _named(module: str, doing: Awaitable[None]) -> None:
    try:
        await doing
    except ServiceError as error:
        error.message = f"{module}: {error.message}"
        raise


async def _keep_closed(backups: Backups, job: Job, names: list[str]) -> None:
    """A module that hears nothing for a quarter of an hour takes the restore for given up."""
    while True:
        await asyncio.sleep(_KEEP_SECONDS)
        for module in names:
            with suppress(ServiceError):
                await backups.modules.state(module, job.id)


async def _end(backups: Backups, job: Job, names: list[str]) -> None:
    results = await asyncio.gather(*(backups.modules.end(module, job.id) for module in names), return_exceptions=True)
    for module, result in zip(names, results, strict=True):
        if isinstance(result, BaseException):
            raise UpstreamFailed(f"The {module} module did not say that it is open again; restart it.") from result


def _is_cancelled() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
