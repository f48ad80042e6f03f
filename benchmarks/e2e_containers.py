"""`make e2e-containers`: the composed system comes up, and the conversation tests pass against it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.programs import ROOT
from benchmarks.report import Report
from flask_core.testing.servers import free_port

_PROJECT = "waddlebot-e2e"
_WAIT_SECONDS = 180
_LINK = re.compile(r"(/auth/set-up\?token=[\w-]+)")
_COUNTS = re.compile(r"(\d+) (passed|failed|error)")
# Every test has a community of its own, and all of them are Ann's.
_MORE = {"services": {"community": {"environment": {"COMMUNITY_MAX_OWNED": "100"}}}}


class Composed:
    """The compose project, under a name and a port of its own."""

    def __init__(self, folder: Path) -> None:
        engine = os.environ.get("ENGINE") or shutil.which("docker") or shutil.which("podman")
        if engine is None:
            raise SystemExit("Neither docker nor podman was found.")
        self.port = free_port()
        more = folder / "more.json"
        more.write_text(json.dumps(_MORE), encoding="utf-8")
        files = ["--file", "docker-compose.yml", "--file", str(more)]
        self._command = [engine, "compose", "--project-name", _PROJECT, *files]
        public = f"http://127.0.0.1:{self.port}"
        self._environment = {**os.environ, "HTTP_PORT": str(self.port), "PUBLIC_URL": public}
        self.url = public

    def do(self, *words: str) -> str:
        """A compose command; its output. Raises CalledProcessError when it fails."""
        done = subprocess.run(
            [*self._command, *words], cwd=ROOT, env=self._environment, check=True, capture_output=True, text=True
        )
        return done.stdout

    def until_healthy(self) -> None:
        """Wait until every container that has a health check passes it."""
        until = time.monotonic() + _WAIT_SECONDS
        while set(self.do("ps", "--format", "{{.Health}}").split()) != {"healthy"}:
            if time.monotonic() > until:
                raise RuntimeError(f"not healthy in time: {self.do('ps')}")
            time.sleep(0.5)

    def set_up_link(self) -> str:
        """The link that identity printed, as a path."""
        return str(_LINK.findall(self.do("logs", "--no-log-prefix", "identity"))[-1])


@contextmanager
def composed() -> Iterator[Composed]:
    """Everything up and healthy; gone with its data at the end."""
    with tempfile.TemporaryDirectory() as folder:
        system = Composed(Path(folder))
        try:
            system.do("up", "--detach", "--wait", "--wait-timeout", str(_WAIT_SECONDS))
            yield system
        except subprocess.CalledProcessError as error:
            sys.stderr.write(error.stderr)
            sys.stderr.write(system.do("logs", "--tail", "30"))
            raise
        finally:
            system.do("down", "--volumes", "--timeout", "20")


def converse(system: Composed) -> dict[str, int]:
    """Run the conversation tests against it; how many passed and failed."""
    environment = {**os.environ, "WADDLEBOT_TEST_URL": system.url, "WADDLEBOT_TEST_SET_UP": system.set_up_link()}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "tests/test_conversations.py", "tests/test_gateway.py"],
        cwd=ROOT, env=environment, check=False, capture_output=True, text=True,
    )  # fmt: skip
    sys.stderr.write(done.stdout[-6_000:])
    return {word: int(number) for number, word in _COUNTS.findall(done.stdout.splitlines()[-1])}


def main() -> None:
    """Build, bring up, converse, restart, converse again."""
    report = Report("e2e-containers")
    subprocess.run(["./test_build_all.sh", "--no-start"], cwd=ROOT, check=True, stdout=sys.stderr)
    began = time.monotonic()
    with composed() as system:
        report.say("seconds_until_healthy", time.monotonic() - began)
        for when in ("", "_after_restart"):
            if when:
                system.do("restart", "--timeout", "20")
                system.until_healthy()
            counts = converse(system)
            report.say(f"conversations_passed{when}", counts.get("passed", 0))
            report.say(f"conversations_failed{when}", counts.get("failed", 0) + counts.get("error", 0))
    report.write()


if __name__ == "__main__":
    main()
