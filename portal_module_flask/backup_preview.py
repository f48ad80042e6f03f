"""What restoring a backup would change: rows of each module in the backup and now."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from flask_core.errors import Conflict, ServiceError
from portal_module_flask.backup_archive import Manifest
from portal_module_flask.backup_restoring import check_keys
from portal_module_flask.backups import Backups


@dataclass(frozen=True, slots=True)
class Change:
    """A module's rows; `tables` are those whose number differs, with rows now and in the backup."""

    module: str
    now: int
    then: int
    tables: tuple[tuple[str, int, int], ...] = ()
    obstacle: str = ""


@dataclass(frozen=True, slots=True)
class Preview:
    """`obstacles` keep the backup from being restored here; none where it can be."""

    made_at: datetime
    version: str
    changes: tuple[Change, ...]
    obstacles: tuple[str, ...]


async def preview(backups: Backups, name: str, passphrase: str) -> Preview:
    """Read all of a backup and compare; raises InvalidInput for a wrong passphrase or a damaged file."""
    manifest, keys = await backups.look_into(name, passphrase)
    obstacles = []
    try:
        check_keys(keys, backups.encryption_keys)
    except Conflict as error:
        obstacles.append(error.message)
    here, _ = await backups.modules.names(manifest.made_at)
    changes = [await _change(backups, manifest, module) for module in here]
    obstacles += [f"{change.module}: {change.obstacle}" for change in changes if change.obstacle]
    return Preview(manifest.made_at, manifest.version, tuple(changes), tuple(obstacles))


async def _change(backups: Backups, manifest: Manifest, module: str) -> Change:
    contents = manifest.modules.get(module)
    if contents is None:
        return Change(module, 0, 0, obstacle="The backup has nothing of it.")
    try:
        present = await backups.modules.present(module)
    except ServiceError as error:
        return Change(module, 0, contents.rows, obstacle=error.message)
    then = {table.name: table.rows for table in contents.tables}
    obstacle = "" if present.steps == contents.steps else "The backup was made by another version, with other tables."
    tables = tuple(_differing(present.rows, then))
    return Change(module, sum(present.rows.values()), contents.rows, tables, obstacle)


def _differing(now: dict[str, int], then: dict[str, int]) -> Iterator[tuple[str, int, int]]:
    for table in sorted(now.keys() | then.keys()):
        if now.get(table, 0) != then.get(table, 0):
            yield table, now.get(table, 0), then.get(table, 0)
