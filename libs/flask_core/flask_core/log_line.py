"""One log record as one line that cannot be forged from inside: AAA text or JSON."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from flask_core import __version__
from flask_core.log_context import NOWHERE, LogContext, module_of
from flask_core.log_failure import Failure
from flask_core.log_redaction import redacted, redacted_field

EVENT_TYPES = frozenset({"AUTH", "AUTHZ", "AUDIT", "ERROR", "SYSTEM"})
_OWN = frozenset(vars(logging.makeLogRecord({}))) | {
    "message", "asctime", "log_context", "log_failure", "log_line",
    "event_type", "result", "action", "community", "user", "event", "execution",
}  # fmt: skip
_PLAIN = re.compile(r"[\w.:@/+*,()#%-]+", re.ASCII)


class LineFormatter(logging.Formatter):
    """`[timestamp] LEVEL module:version EVENT_TYPE community=X user=Y action=Z result=STATUS key=value …`.

    The message is the action. Results default to ok, warning or error by level; `extra` gives event_type,
    result, community, user and further keys. Of an exception the types and the places are written; what it
    says only with `tell_exceptions`, because it may quote what people wrote.
    """

    def __init__(self, *, as_json: bool = False, module: str = "waddlebot", tell_exceptions: bool = False) -> None:
        super().__init__()
        self._as_json = as_json
        self._module = module
        self._tell_exceptions = tell_exceptions

    def format(self, record: logging.LogRecord) -> str:
        """The line; written by several handlers, made once."""
        line: str | None = getattr(record, "log_line", None)
        if line is None:
            fields = dict(self._fields(record))
            line = json.dumps(fields) if self._as_json else _as_text(fields)
            record.log_line = line
        return line

    def _fields(self, record: logging.LogRecord) -> Iterator[tuple[str, str]]:
        context: LogContext = getattr(record, "log_context", NOWHERE)
        said = record.__dict__
        at = datetime.fromtimestamp(record.created, UTC)
        yield "timestamp", at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        yield "level", record.levelname
        yield "module", module_of(record, self._module)
        yield "version", context.version or __version__
        yield "event_type", _event_type(record)
        for name in ("community", "user"):
            yield name, redacted_field(name, said.get(name, getattr(context, name) or None))
        yield "action", redacted(str(said.get("action") or record.getMessage()))
        yield "result", redacted(str(said.get("result") or _result(record)))
        for name in ("event", "execution"):
            if value := said.get(name, getattr(context, name)):
                yield name, redacted_field(name, value)
        for name, value in said.items():
            if name not in _OWN:
                yield name, redacted_field(name, value)
        yield from self._failure(record)

    def _failure(self, record: logging.LogRecord) -> Iterator[tuple[str, str]]:
        failure = Failure.of(record)
        if failure is None:
            return
        yield "error", failure.kind
        if self._tell_exceptions:
            yield "said", redacted(failure.said)
        yield "at", failure.places
        if failure.causes:
            yield "because", failure.causes


def _event_type(record: logging.LogRecord) -> str:
    named = getattr(record, "event_type", None)
    if named in EVENT_TYPES:
        return str(named)
    return "ERROR" if record.levelno >= logging.ERROR else "SYSTEM"


def _result(record: logging.LogRecord) -> str:
    if record.levelno >= logging.ERROR:
        return "error"
    return "warning" if record.levelno >= logging.WARNING else "ok"


def _as_text(fields: Mapping[str, str]) -> str:
    head = ("timestamp", "level", "module", "version", "event_type")
    timestamp, level, module, version, event_type = (_one_word(fields[name]) for name in head)
    said = " ".join(f"{_one_word(name)}={_quoted(value)}" for name, value in fields.items() if name not in head)
    return f"[{timestamp}] {level} {module}:{version} {event_type} {said}"


def _one_word(name: str) -> str:
    return name if _PLAIN.fullmatch(name) else re.sub(r"[^\w.:-]+", "_", name, flags=re.ASCII)


def _quoted(value: str) -> str:
    """The value as it is, or in quotes with everything escaped that could end the line or move a cursor."""
    if _PLAIN.fullmatch(value):
        return value
    quoted = json.dumps(value, ensure_ascii=False)
    if quoted.isprintable():
        return quoted
    return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in quoted)
