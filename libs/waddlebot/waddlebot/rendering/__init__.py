"""Everything that is derived from the modules, as texts by path; checked in, and checked to be fresh."""

from __future__ import annotations

from pathlib import Path

from waddlebot.rendering import compose, containers, reference, settings
from waddlebot.tree import modules


def rendered(root: Path) -> dict[str, str]:
    """Path from the root → text, for every generated file."""
    infos = modules(root)
    return {
        "docker-compose.yml": compose.compose(infos),
        "deploy/Caddyfile": compose.caddyfile(infos),
        ".env.example": settings.example(infos),
        ".github/CODEOWNERS": containers.codeowners(infos),
        "docs/modules.md": reference.modules_page(infos),
        "docs/commands.md": reference.commands_page(infos),
        "docs/settings.md": settings.page(infos),
        "docs/api.md": reference.api_page(infos),
        **reference.pages_of_modules(infos),
        **{f"{info.folder.name}/Dockerfile": containers.dockerfile(info) for info in infos},
    }


def render(root: Path) -> list[str]:
    """Write what is stale; returns the paths written."""
    written = []
    for path, text in rendered(root).items():
        target = root / path
        if not target.exists() or target.read_text("utf-8") != text:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
            written.append(path)
    return written
