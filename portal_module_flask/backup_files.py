"""The folder with the backups: how they are called, which there are, and which are kept."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flask_core.errors import NotFound

DAILY, BY_HAND, BEFORE = "daily", "by-hand", "before-restore"
_DAYS, _WEEKS, _MONTHS = 7, 4, 6
_MOST_OTHERS = 10
_NAME = re.compile(rf"waddlebot-(\d{{8}}T\d{{6}}Z)-({DAILY}|{BY_HAND}|{BEFORE})\.wbk")
_WHEN = "%Y%m%dT%H%M%SZ"
_KINDS: tuple[tuple[int, Callable[[datetime], Any]], ...] = (
    (_DAYS, lambda at: at.date()),
    (_WEEKS, lambda at: at.isocalendar()[:2]),
    (_MONTHS, lambda at: (at.year, at.month)),
)


@dataclass(frozen=True, slots=True)
class BackupFile:
    """A backup by its name; `size` in bytes."""

    name: str
    made_at: datetime
    occasion: str
    size: int = 0


def name_of(made_at: datetime, occasion: str) -> str:
    """How a backup is called."""
    return f"waddlebot-{made_at.astimezone(UTC).strftime(_WHEN)}-{occasion}.wbk"


def told_by(name: str, size: int = 0) -> BackupFile | None:
    """What a name says; None for other files."""
    if (found := _NAME.fullmatch(name)) is None:
        return None
    try:
        made_at = datetime.strptime(found[1], _WHEN).replace(tzinfo=UTC)
    except ValueError:
        return None
    return BackupFile(name, made_at, found[2], size)


def superfluous(files: Iterable[BackupFile]) -> list[BackupFile]:
    """Those that go: of daily ones the newest of 7 days, 4 weeks and 6 months stay, of others the newest 10 each."""
    newest_first = sorted(files, key=lambda file: file.made_at, reverse=True)
    kept = {file.name for file in _kept_daily([file for file in newest_first if file.occasion == DAILY])}
    for occasion in (BY_HAND, BEFORE):
        kept |= {file.name for file in [f for f in newest_first if f.occasion == occasion][:_MOST_OTHERS]}
    return [file for file in newest_first if file.name not in kept]


def _kept_daily(newest_first: list[BackupFile]) -> Iterable[BackupFile]:
    for most, period in _KINDS:
        of_period: dict[Any, BackupFile] = {}
        for file in newest_first:
            of_period.setdefault(period(file.made_at), file)
        yield from list(of_period.values())[:most]


class BackupFolder:
    """Names that people send are looked for in the list, and never become a path by themselves."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def all(self) -> list[BackupFile]:
        """Newest first; whoever puts a file here has it in the list."""
        if not self.folder.is_dir():
            return []
        told = [told_by(path.name, path.stat().st_size) for path in self.folder.iterdir() if path.is_file()]
        return sorted((file for file in told if file), key=lambda file: file.made_at, reverse=True)

    def path(self, name: str) -> Path:
        """Where a backup lies; raises NotFound."""
        if not any(file.name == name for file in self.all()):
            raise NotFound("There is no such backup.")
        return self.folder / name

    def tidy(self, keep: Sequence[str] = ()) -> None:
        """Remove what need not be kept, except those named."""
        for file in [file for file in superfluous(self.all()) if file.name not in keep]:
            (self.folder / file.name).unlink(missing_ok=True)
