"""Dockerfiles, which differ in one argument, and the owners of folders."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from flask_core.app_factory import ModuleInfo

_TEMPLATE = Path(__file__).parents[1] / "templates" / "Dockerfile"


def dockerfile(info: ModuleInfo) -> str:
    """The one Dockerfile, for this module."""
    text = _TEMPLATE.read_text("utf-8")
    return text.replace("@MODULE@", info.folder.name).replace("@PORT@", str(info.port))


def codeowners(infos: Sequence[ModuleInfo]) -> str:
    """Everything belongs to the maintainers; each folder can be given away by itself."""
    lines = ["# Derived from the module folders by: waddlebot render", "* @waddlebot/maintainers"]
    lines += [f"/{info.folder.name}/ @waddlebot/maintainers" for info in infos]
    return "\n".join(lines) + "\n"
