"""What every log line of a piece of work carries: module, community, user, event, execution."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import TypedDict, Unpack

_FOLDER_ENDING = re.compile(r"(_interaction|_core)?_module_flask$")


@dataclass(frozen=True, slots=True)
class LogContext:
    """Ids, never names; an empty one is not known."""

    module: str = ""
    version: str = ""
    event: str = ""
    community: str = ""
    user: str = ""
    execution: str = ""


class LogFields(TypedDict, total=False):
    """What `logged_as` takes; None leaves a field as it is."""

    module: str | None
    version: str | None
    event: str | None
    community: str | int | None
    user: str | int | None
    execution: str | None


NOWHERE = LogContext()
_current: ContextVar[LogContext] = ContextVar("log_context", default=NOWHERE)


@contextmanager
def logged_as(**fields: Unpack[LogFields]) -> Iterator[LogContext]:
    """Lines logged inside carry these fields, in tasks started inside too."""
    context = replace(_current.get(), **{name: str(value) for name, value in fields.items() if value is not None})
    token = _current.set(context)
    try:
        yield context
    finally:
        _current.reset(token)


def log_context() -> LogContext:
    """The fields of the work that runs now."""
    return _current.get()


class ContextFilter(logging.Filter):
    """Notes the context on the record, where the line is logged: it is written by another thread."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.log_context = _current.get()
        return True


def module_of(record: logging.LogRecord, otherwise: str) -> str:
    """The module a line belongs to: the context's, else the one whose logger it is, else `otherwise`."""
    context: LogContext = getattr(record, "log_context", NOWHERE)
    if context.module:
        return context.module
    package = record.name.partition(".")[0]
    name = _FOLDER_ENDING.sub("", package)
    return name if name != package else otherwise
