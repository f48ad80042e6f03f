"""What a measurement says: `name: value` lines, and the same as JSON under results/."""

from __future__ import annotations

import json
import platform
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"


class Report:
    """Collects the numbers of one run."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._values: dict[str, Any] = {}

    def say(self, name: str, value: float | str) -> None:
        """A number that the run was made for; printed at once."""
        rounded = float(f"{value:.4g}") if isinstance(value, float) else value
        self._values[name] = rounded
        sys.stdout.write(f"{name}: {rounded}\n")
        sys.stdout.flush()

    def write(self) -> Path:
        """Write everything said to results/<name>.json."""
        RESULTS.mkdir(exist_ok=True)
        path = RESULTS / f"{self._name}.json"
        about = {"at": datetime.now(UTC).isoformat(timespec="seconds"), "python": platform.python_version()}
        path.write_text(json.dumps({**about, **self._values}, indent=2) + "\n", encoding="utf-8")
        return path
