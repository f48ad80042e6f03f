"""Looks at the machine: Python, ports, disk, clock, write rights; each trouble with its remedy."""

from __future__ import annotations

import os
import shutil
import socket
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from flask_core.app_factory import ModuleInfo
from flask_core.config import Env

_NEEDED = (3, 13)
_FREE_BYTES = 500 * 1024 * 1024
_EARLIEST = datetime(2026, 1, 1, tzinfo=UTC)


def run(infos: Sequence[ModuleInfo], data: Path, say: Callable[[str], None]) -> int:
    """Print every trouble; 0 when there is none."""
    troubles = list(find_troubles(infos, data))
    for trouble in troubles:
        say(f"✗ {trouble}")
    if not troubles:
        say("✓ This machine can run WaddleBot.")
    return 1 if troubles else 0


def find_troubles(
    infos: Sequence[ModuleInfo],
    data: Path,
    *,
    free_bytes: Callable[[Path], int] | None = None,
    now: Callable[[], float] = time.time,
    version: tuple[int, int] = sys.version_info[:2],
    values: Mapping[str, str] = os.environ,
) -> Iterator[str]:
    """One sentence per trouble: what is wrong and what to do."""
    if version < _NEEDED:
        yield f"Python {version[0]}.{version[1]} is too old. Install Python 3.13 and run make again."
    for info in infos:
        prefix = info.name.upper()
        port = Env(prefix, values).integer("PORT", info.port)
        if _taken(port):
            yield f"Port {port} of {info.name} is taken. End the other program, or set {prefix}_PORT to another port."
    existing = next(path for path in (data.absolute(), *data.absolute().parents) if path.exists())
    if (free_bytes or _free)(existing) < _FREE_BYTES:
        yield f"Less than 500 MB are free at {existing}. Free some, or choose another place with --data."
    if not _writable(existing):
        yield f"{existing} cannot be written to. Give yourself the right, or choose another place with --data."
    if now() < _EARLIEST.timestamp():
        yield "The clock is wrong: it shows a time before 2026. Set it, or sign-in and webhooks will be refused."


def _free(path: Path) -> int:
    return shutil.disk_usage(path).free


def _taken(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


def _writable(folder: Path) -> bool:
    probe = folder / ".waddlebot-write-test"
    try:
        probe.write_text("", encoding="utf-8")
        probe.unlink()
    except OSError:
        return False
    return True
