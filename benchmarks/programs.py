"""A module or a bare counterpart as a process of its own, which can be killed and started again."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flask_core.healthcheck import ready
from flask_core.testing.servers import Server

ROOT = Path(__file__).resolve().parent.parent


class PythonProgram(Server):
    """`python -m …` on a free port, which it gets as PORT; ready when /ready answers."""

    def __init__(self, *words: str, environment: Mapping[str, str] | None = None) -> None:
        super().__init__()
        self._words = words
        self.environment = dict(environment or {})

    @property
    def url(self) -> str:
        """Where it is reached."""
        return f"http://127.0.0.1:{self.port}"

    def command(self) -> list[str]:
        return [sys.executable, "-m", *self._words]

    def popen_options(self) -> dict[str, Any]:
        paths = (ROOT, ROOT / "libs/flask_core", ROOT / "libs/waddlebot")
        own = {"PORT": str(self.port), "DATA_DIR": str(self.folder), "PYTHONPATH": os.pathsep.join(map(str, paths))}
        return {"env": {"PATH": os.environ["PATH"], **own, **self.environment}}

    def answers(self) -> bool:
        return self._process is not None and ready(self.port)

    def resident_kb(self) -> int:
        """What it holds in memory, in kilobytes."""
        assert self._process is not None, "it runs"
        return resident_kb(self._process.pid)


def resident_kb(pid: int) -> int:
    """What a process holds in memory, in kilobytes."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS")))
