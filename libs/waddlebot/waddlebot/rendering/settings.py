"""All settings with their defaults: `.env.example` for machines, a page for people."""

from __future__ import annotations

import importlib
from collections.abc import Sequence

from flask_core.app_factory import ModuleInfo
from flask_core.config import Inventory
from flask_core.encryption import new_key

_SECRET = "A" * 48
_MEANT = {
    "PORT": "Port of the module.",
    "HOST": "Address that the module listens on.",
    "DATABASE_URL": "`sqlite:///path.db` or `postgres://user:password@host:port/name`.",
    "REDIS_URL": "Empty keeps shared state in the process.",
    "WADDLEBOT_SERVICE_KEY": "Signs the tokens between modules; at least 32 random characters.",
    "WADDLEBOT_ENCRYPTION_KEYS": "Base64 texts of 32 bytes, comma separated; the first seals, all open.",
    "PUBLIC_URL": "Where people reach the portal; empty means no links, feeds or callbacks.",
    "BASE_URL": "Where other modules reach this one.",
    "DATABASE_THREADS": "Connections per process.",
    "DRAIN_SECONDS": "How long requests in flight may take at the end.",
    "HTTP_GUARD_ALLOW_HOSTS": "Hosts of your own network (`host` or `host:port`) that commands may fetch from.",
    "DATA_DIR": "Where files are kept.",
}


def inventory(info: ModuleInfo) -> dict[str, str]:
    """The settings of a module with their defaults, common ones included."""
    asked = Inventory({"WADDLEBOT_SERVICE_KEY": _SECRET, "WADDLEBOT_ENCRYPTION_KEYS": new_key()})
    importlib.import_module(f"{info.folder.name}.config").Config.from_env(asked)
    return asked.asked


def _split(infos: Sequence[ModuleInfo]) -> tuple[dict[str, str], dict[str, dict[str, str]]]:
    """Settings that every module knows, and each module's own."""
    all_of = {info.name: inventory(info) for info in infos}
    common = set.intersection(*(set(known) for known in all_of.values()))
    first = next(iter(all_of.values()))
    own = {name: {k: v for k, v in known.items() if k not in common} for name, known in all_of.items()}
    return {key: first[key] for key in first if key in common}, own


def example(infos: Sequence[ModuleInfo]) -> str:
    """`.env.example`: everything commented out, because every default works."""
    common, own = _split(infos)
    lines = [
        "# Derived from the settings of all modules by: waddlebot render",
        "# Copy to .env and change what you need. A module's prefix wins: MEMORIES_PORT before PORT.",
        "",
    ]
    for name in common:
        lines += [f"# {_MEANT.get(name, '')}".rstrip(), f"#{name}={_default(name, common[name], any_module=True)}"]
    for module, settings in own.items():
        if settings:
            lines += ["", f"# {module}"]
            lines += [f"#{_prefixed(module, name)}={value}" for name, value in settings.items()]
    return "\n".join(lines) + "\n"


def page(infos: Sequence[ModuleInfo]) -> str:
    """docs/settings.md."""
    common, own = _split(infos)
    lines = [
        "# Settings", "",
        "Derived from the modules by `waddlebot render`. A module's prefix wins over the common name:",
        "`MEMORIES_PORT` before `PORT`.", "", "## Every module", "",
        "| setting | default | meaning |", "|---|---|---|",
    ]  # fmt: skip
    for name, value in common.items():
        shown = _shown(_default(name, value, any_module=True))
        lines.append(f"| `{name}` | {shown} | {_MEANT.get(name, '')} |")
    for module, settings in own.items():
        if settings:
            lines += ["", f"## {module}", "", "| setting | default |", "|---|---|"]
            lines += [f"| `{_prefixed(module, name)}` | {_shown(value)} |" for name, value in settings.items()]
    return "\n".join(lines) + "\n"


def _prefixed(module: str, name: str) -> str:
    prefix = module.upper()
    return name if name.startswith(prefix) else f"{prefix}_{name}"


def _default(name: str, value: str, *, any_module: bool) -> str:
    """What differs from module to module is not shown as one module has it."""
    return "" if any_module and name in {"PORT", "BASE_URL", "DATABASE_URL"} else value


def _shown(value: str) -> str:
    return f"`{value}`" if value else ""
