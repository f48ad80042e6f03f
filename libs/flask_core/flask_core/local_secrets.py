"""Secrets of an installation: made at the first start, kept in one file, never with a default.

`python -m flask_core.local_secrets FOLDER` makes those of a composed installation.
"""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from flask_core.encryption import new_key

FILE = "secrets.env"
_OWNER_ONLY, _CONTAINERS = 0o600, 0o444
_MADE: dict[str, Callable[[], str]] = {
    "WADDLEBOT_SERVICE_KEY": lambda: secrets.token_urlsafe(48),
    "WADDLEBOT_ENCRYPTION_KEYS": new_key,
    "TWITCH_EVENTSUB_SECRET": lambda: secrets.token_urlsafe(32),
}


def local_secrets(
    folder: Path, more: Mapping[str, Callable[[], str]] | None = None, *, mode: int = _OWNER_ONLY
) -> dict[str, str]:
    """The secrets in `folder`, made now where one is missing."""
    path = folder / FILE
    known = read_secrets(path)
    missing = {name: make() for name, make in {**_MADE, **(more or {})}.items() if name not in known}
    if missing:
        folder.mkdir(parents=True, exist_ok=True)
        _write(path, {**known, **missing}, mode)
    return {**known, **missing}


def read_secrets(path: Path) -> dict[str, str]:
    """Names and values of a file of `NAME=value` lines; empty when there is none."""
    if not path.exists():
        return {}
    lines = path.read_text(encoding="utf-8").splitlines()
    pairs = (line.partition("=") for line in lines if line and not line.startswith("#"))
    return {name: value for name, _, value in pairs}


def _write(path: Path, values: dict[str, str], mode: int) -> None:
    """Write beside and rename, so that a crash leaves the old file or the new one."""
    beside = path.with_suffix(".new")
    # One that a crash left behind may be open to others.
    beside.unlink(missing_ok=True)
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write("# Made at the first start. Whoever has this file has the installation.\n")
        file.writelines(f"{name}={value}\n" for name, value in sorted(values.items()))
    beside.chmod(mode)
    beside.rename(path)


def keep_secret(folder: Path, name: str, value: str) -> None:
    """Put one secret in place of what `folder` had under its name."""
    path = folder / FILE
    folder.mkdir(parents=True, exist_ok=True)
    _write(path, {**read_secrets(path), name: value}, _OWNER_ONLY)


def into_environment(folder: Path) -> None:
    """Give this process the secrets of `folder`; what the operator set wins."""
    os.environ.setdefault("DATA_DIR", str(folder))
    _offer(local_secrets(folder))


def from_secrets_file() -> None:
    """Give this process the secrets of the file that `WADDLEBOT_SECRETS_FILE` names, if it is set."""
    if path := os.environ.get("WADDLEBOT_SECRETS_FILE"):
        _offer(read_secrets(Path(path)))


def _offer(values: Mapping[str, str]) -> None:
    """Set what the operator did not; an empty setting is none, as everywhere."""
    for name, value in values.items():
        if not os.environ.get(name):
            os.environ[name] = value


def main() -> None:
    """Make the secrets of a composed installation, the database's password among them."""
    folder = Path(sys.argv[1])
    password = read_secrets(folder / FILE).get("POSTGRES_PASSWORD") or secrets.token_urlsafe(24)
    made = {
        "POSTGRES_PASSWORD": lambda: password,
        "DATABASE_URL": lambda: f"postgres://waddlebot:{password}@postgres:5432/waddlebot",
    }
    local_secrets(folder, made, mode=_CONTAINERS)
    (folder / "postgres").unlink(missing_ok=True)
    (folder / "postgres").write_text(password, encoding="utf-8")
    (folder / "postgres").chmod(_CONTAINERS)


if __name__ == "__main__":
    main()
