"""Puts backups together: the modules, the folder, the jobs, the clock, and the page."""

from __future__ import annotations

from pathlib import Path

from flask_core.app_factory import Service
from flask_core.auth import utc_now
from portal_module_flask.backup_files import BackupFolder
from portal_module_flask.backup_jobs import BackupJobs
from portal_module_flask.backup_modules import Modules
from portal_module_flask.backup_repository import JobRepository
from portal_module_flask.backups import Backups
from portal_module_flask.config import Config
from portal_module_flask.views import backups as pages


def offer_backups(service: Service, config: Config) -> BackupJobs:
    """Let operators back up and restore."""
    jobs = BackupJobs(
        JobRepository(service.database),
        Backups(
            Modules(service.services, service.runtime), BackupFolder(Path(config.backup_target)), config.encryption_keys
        ),
        service.sealer,
        passphrase=config.backup_passphrase,
        at=config.backup_at,
        now=utc_now,
    )
    service.app.extensions["backups"] = jobs
    service.app.register_blueprint(pages.views(jobs))
    service.in_background("backups", jobs.run)
    service.in_background("backups by the clock", jobs.by_the_clock)
    return jobs
