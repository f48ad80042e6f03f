"""Backs up and restores the installation of this machine without its pages, with the portal's own jobs."""

from __future__ import annotations

import asyncio
import logging
import shutil
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from pathlib import Path

from flask_core import local_secrets
from flask_core.app_factory import ModuleInfo, Service
from flask_core.auth import utc_now
from flask_core.config import ConfigError
from flask_core.errors import ServiceError
from flask_core.operations import Acting
from flask_core.runtime import Runtime
from flask_core.shared_state import open_shared_state
from portal_module_flask.backup_archive import ArchiveReader
from portal_module_flask.backup_files import BY_HAND, name_of, told_by
from portal_module_flask.backup_jobs import BackupJobs
from portal_module_flask.backup_repository import Job
from portal_module_flask.backups import KEYS_NAME
from waddlebot.all_in_one import check_ports, load_all

_LOOK_SECONDS = 0.5
_OPERATOR = "operator at the machine"

type Say = Callable[[str], None]


async def back_up(infos: Sequence[ModuleInfo], passphrase: str, say: Say) -> int:
    """0 when there is a new backup, else 1 and what was in the way was said."""
    try:
        services = load_all(infos, Runtime(open_shared_state("")))
        jobs = _jobs(services)
        async with _connected(services):
            job = await jobs.back_up(passphrase)
            return await _to_its_end(jobs, job, say)
    except (ServiceError, ConfigError) as error:
        say(str(error))
        return 1


def restore(infos: Sequence[ModuleInfo], data: Path, file: Path, passphrase: str, say: Say) -> int:
    """0 when everything is as it was in the backup, else 1: what was in the way was said, keys are as before."""
    try:
        manifest, theirs = ArchiveReader(file, passphrase).check()
        before = local_secrets.local_secrets(data)[KEYS_NAME]
        local_secrets.keep_secret(data, KEYS_NAME, joined(before, theirs.get(KEYS_NAME, "")))
        local_secrets.into_environment(data)
        name = file.name if told_by(file.name) else name_of(manifest.made_at, BY_HAND)
        failed = asyncio.run(_restore(infos, file, name, passphrase, say))
    except (ServiceError, ConfigError) as error:
        say(str(error))
        return 1
    if failed:
        local_secrets.keep_secret(data, KEYS_NAME, before)
    return failed


def joined(ours: str, theirs: str) -> str:
    """All keys; the first seals, and the last, which hashes, is the backup's."""
    last = [key.strip() for key in theirs.split(",") if key.strip()]
    return ",".join([*(key.strip() for key in ours.split(",") if key.strip() not in last), *last])


async def _restore(infos: Sequence[ModuleInfo], file: Path, name: str, passphrase: str, say: Say) -> int:
    try:
        services = load_all(infos, Runtime(open_shared_state("")))
        check_ports(services)
        jobs = _jobs(services)
        folder = jobs.backups.folder.folder
        if not (folder / name).exists():
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            shutil.copy(file, folder / name)
        async with _connected(services):
            job = await jobs.restore(name, passphrase, Acting(_OPERATOR, utc_now(), operator=True))
            return await _to_its_end(jobs, job, say)
    except (ServiceError, ConfigError) as error:
        say(str(error))
        return 1


def _jobs(services: Sequence[Service]) -> BackupJobs:
    # Their refusals are told here; the console is for people.
    logging.getLogger("portal_module_flask").setLevel(logging.ERROR)
    portal = next(service for service in services if service.info.name == "portal")
    found: BackupJobs = portal.app.extensions["backups"]
    return found


def _connected(services: Sequence[Service]) -> AsyncExitStack:
    stack = AsyncExitStack()
    for service in services:
        stack.push_async_callback(service.database.close)
        stack.push_async_callback(service.services.transport.close)
    return stack


async def _to_its_end(jobs: BackupJobs, job: Job, say: Say) -> int:
    """A portal that runs may take the job; then its end is waited for."""
    while not (now := await jobs.repository.find(job.id)).ended_at:
        if not await jobs.step():
            await asyncio.sleep(_LOOK_SECONDS)
    say(now.problem or f"Done: {jobs.backups.folder.folder / job.file}")
    return 1 if now.problem else 0
