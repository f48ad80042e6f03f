"""What other bots' APIs answer: shapes as recorded, words of our own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).parent / "fixtures" / "imports"


def payload(source: str) -> dict[str, Any]:
    """Answers by what they are about."""
    found: dict[str, Any] = json.loads((_FOLDER / f"{source}.json").read_text())
    return found


def nightbot_command(number: int, **changed: Any) -> dict[str, Any]:
    """One of many commands."""
    return {
        "_id": f"many{number:03}", "createdAt": "2021-03-04T10:00:00.000Z", "updatedAt": "2021-03-04T10:00:00.000Z",
        "name": f"!word{number}", "message": f"text number {number}", "coolDown": 5, "count": 0,
        "userLevel": "everyone", **changed,
    }  # fmt: skip
