"""Migrates all modules, or tells where their tables drifted."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence

from flask_core.app_factory import ModuleInfo
from flask_core.migrations import SHARED_FOLDER, drift, migrate_module


def database_url(info: ModuleInfo) -> str:
    """The address of a module's database, as its own settings say."""
    config = importlib.import_module(f"{info.folder.name}.config").Config.from_env()
    return str(config.database_url)


def run(infos: Sequence[ModuleInfo], *, only_drift: bool, say: Callable[[str], None]) -> int:
    """0 when all is well, 1 when tables drifted."""
    worst = 0
    for info in infos:
        url = database_url(info)
        if only_drift:
            for line in drift(url, info.name, [SHARED_FOLDER, info.schema_folder]):
                say(f"{info.name}: {line}")
                worst = 1
            continue
        applied = migrate_module(info, url)
        say(f"{info.name}: {', '.join(applied) or 'up to date'}")
    return worst
