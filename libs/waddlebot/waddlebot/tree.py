"""Which modules there are: whatever folder carries a module.toml."""

from __future__ import annotations

import os
from pathlib import Path

from flask_core.app_factory import ModuleInfo, module_info

PATTERN = "*_module_flask"


def root() -> Path:
    """The folder that holds the modules: `WADDLEBOT_ROOT`, else the one this file was checked out in."""
    return Path(os.environ.get("WADDLEBOT_ROOT") or Path(__file__).parents[3])


def modules(at: Path | None = None) -> list[ModuleInfo]:
    """All modules, by port."""
    found = [module_info(str(path)) for path in (at or root()).glob(f"{PATTERN}/module.toml")]
    return sorted(found, key=lambda info: info.port)
