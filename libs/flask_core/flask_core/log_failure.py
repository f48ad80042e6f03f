"""What a log keeps of an exception: its type and places; what it says is kept apart."""

from __future__ import annotations

import logging
import traceback
from dataclasses import dataclass
from pathlib import PurePath
from types import TracebackType

_MOST_PLACES = 25
_MOST_CAUSES = 5


@dataclass(frozen=True, slots=True)
class Failure:
    """`places` from outside to inside as `file:line function > …`; `causes` likewise, each with its type."""

    kind: str
    said: str
    places: str
    causes: str

    @classmethod
    def of(cls, record: logging.LogRecord) -> Failure | None:
        """The failure logged with `record`, None without one."""
        noted: Failure | None = getattr(record, "log_failure", None)
        if noted is not None or not record.exc_info or record.exc_info[1] is None:
            return noted
        error = record.exc_info[1]
        causes = "; ".join(f"{type(cause).__name__} {_places(cause.__traceback__)}" for cause in _causes(error))
        return cls(type(error).__name__, str(error), _places(error.__traceback__), causes)


def _places(trace: TracebackType | None) -> str:
    frames = traceback.extract_tb(trace, limit=-_MOST_PLACES)
    return " > ".join(f"{'/'.join(PurePath(one.filename).parts[-2:])}:{one.lineno} {one.name}" for one in frames)


def _causes(error: BaseException) -> list[BaseException]:
    """What led to the error, nearest first; of a group its first member."""
    found: list[BaseException] = []
    cause = _cause(error)
    while cause is not None and cause not in found and len(found) < _MOST_CAUSES:
        found.append(cause)
        cause = _cause(cause)
    return found


def _cause(error: BaseException) -> BaseException | None:
    if isinstance(error, BaseExceptionGroup):
        return error.exceptions[0]
    if error.__cause__ is not None or error.__suppress_context__:
        return error.__cause__
    return error.__context__
