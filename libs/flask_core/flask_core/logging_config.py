"""Where log lines go: console, a rotating file, syslog; written by a thread, so that no loop waits for a disk."""

from __future__ import annotations

import atexit
import copy
import logging
import logging.handlers
import queue
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from flask_core.config import ConfigError, Env
from flask_core.log_context import ContextFilter
from flask_core.log_failure import Failure
from flask_core.log_line import LineFormatter

DIRECTORY = "/var/log/waddlebotlog"
FILE_BYTES = 10 * 1024 * 1024
FILES_KEPT = 5
_WAITING_LINES = 10_000
# They write whole addresses with their query at INFO.
_TALKATIVE = ("httpx", "httpcore", "urllib3")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class LogSettings:
    """`directory` empty: no file; `syslog` is `host:port`, a socket's path, or empty."""

    level: str = "INFO"
    directory: str = DIRECTORY
    as_json: bool = False
    syslog: str = ""

    @classmethod
    def from_env(cls, values: Mapping[str, str] | None = None) -> Self:
        """From LOG_LEVEL, LOG_DIR, LOG_FORMAT (text, json) and LOG_SYSLOG."""
        env = Env("WADDLEBOT", values)
        level, form = env.text("LOG_LEVEL", "INFO").upper(), env.text("LOG_FORMAT", "text").lower()
        if level not in logging.getLevelNamesMapping() or form not in {"text", "json"}:
            raise ConfigError("LOG_LEVEL must be DEBUG, INFO, WARNING or ERROR, and LOG_FORMAT text or json.")
        return cls(level, env.text("LOG_DIR", DIRECTORY), form == "json", env.text("LOG_SYSLOG", ""))


class Logging:
    """Log lines of a process on their way from whoever logs to the thread that writes them."""

    def __init__(self, settings: LogSettings, module: str) -> None:
        self._settings = settings
        self._problems: list[str] = []
        formatter = LineFormatter(as_json=settings.as_json, module=module, tell_exceptions=settings.level == "DEBUG")
        targets = [logging.StreamHandler(sys.stderr), *self._files(), *self._syslog()]
        for target in targets:
            target.setFormatter(formatter)
        waiting: queue.Queue[logging.LogRecord] = queue.Queue(_WAITING_LINES)
        self._entrance = QueuedRecords(waiting)
        self._writer = Writer(waiting, *targets)

    def start(self) -> None:
        """Take over the root logger. Problems with the file or syslog are told once, here."""
        self._writer.start()
        root = logging.getLogger()
        root.addHandler(self._entrance)
        root.setLevel(self._settings.level)
        for name in _TALKATIVE:
            logging.getLogger(name).setLevel(max(logging.WARNING, root.level))
        for problem in self._problems:
            log.warning(problem)

    def stop(self) -> None:
        """Write what waits, then let go of the root logger and of the files."""
        logging.getLogger().removeHandler(self._entrance)
        self._writer.stop()
        for target in self._writer.handlers:
            target.close()

    def _files(self) -> list[logging.Handler]:
        if not self._settings.directory:
            return []
        try:
            folder = Path(self._settings.directory)
            folder.mkdir(parents=True, exist_ok=True)
            return [RotatingFile(folder / "waddlebot.log")]
        except OSError as error:
            self._problems.append(f"LOG_DIR cannot be written ({error.strerror}); logging to the console alone")
            return []

    def _syslog(self) -> list[logging.Handler]:
        where = self._settings.syslog
        if not where:
            return []
        host, _, port = where.rpartition(":")
        try:
            return [Syslog((host, int(port)) if port.isdigit() and host else where)]
        except OSError as error:
            self._problems.append(f"LOG_SYSLOG cannot be reached ({error.strerror or error}); logging without it")
            return []


class QueuedRecords(logging.handlers.QueueHandler):
    """Hands records over without waiting; beyond 10,000 waiting ones lines are dropped and counted."""

    def __init__(self, waiting: queue.Queue[logging.LogRecord]) -> None:
        super().__init__(waiting)
        self.addFilter(ContextFilter())
        self._dropped = 0

    def prepare(self, record: logging.LogRecord) -> logging.LogRecord:
        """The record without references to what may change or must not be kept alive."""
        record = copy.copy(record)
        record.log_failure = Failure.of(record)
        record.msg, record.args = record.getMessage(), None
        record.exc_info = record.exc_text = record.stack_info = None
        return record

    def enqueue(self, record: logging.LogRecord) -> None:
        """Put the record in line, with the number of those that found no place before it."""
        if self._dropped:
            record.dropped_lines = self._dropped
        try:
            self.queue.put_nowait(record)
        except queue.Full:
            self._dropped += 1
        else:
            self._dropped = 0


class Writer(logging.handlers.QueueListener):
    """The thread that writes. Its end waits for a place in line, too."""

    def enqueue_sentinel(self) -> None:
        """Ask the thread to end after what waits."""
        self.queue.put(self._sentinel, timeout=5)  # type: ignore[attr-defined]


class ToldOnce(logging.Handler):
    """A place that may fail for every line and says so for the first one only."""

    lacking = ""
    _told = False

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 (the standard library's name)
        """Say on the console that lines are missing here."""
        if not self._told:
            self._told = True
            sys.stderr.write(f"{self.lacking}; lines go to the console.\n")


class RotatingFile(ToldOnce, logging.handlers.RotatingFileHandler):
    """A file of at most 10 MB beside its five predecessors."""

    lacking = "The log file cannot be written"

    def __init__(self, path: Path) -> None:
        super().__init__(path, maxBytes=FILE_BYTES, backupCount=FILES_KEPT, encoding="utf-8")


class Syslog(ToldOnce, logging.handlers.SysLogHandler):
    """A system log, reached by UDP or a local socket."""

    lacking = "LOG_SYSLOG cannot be reached"


_configured: list[Logging] = []
_lock = threading.Lock()


def configure(settings: LogSettings | None = None, *, module: str = "waddlebot") -> None:
    """Start logging for this process; a second call changes nothing.

    `module` names lines that belong to no module: in a process of one module, that one. Settings come
    from the environment unless given. What waits is written when the process ends, or by `stop`.
    """
    with _lock:
        if not _configured:
            logs = Logging(settings or LogSettings.from_env(), module)
            _configured.append(logs)
            logs.start()
            atexit.register(stop)


def stop() -> None:
    """End logging and write what waits. Without effect when it was not configured."""
    with _lock:
        if _configured:
            _configured.pop().stop()
            atexit.unregister(stop)
