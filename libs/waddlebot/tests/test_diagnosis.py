"""`waddlebot doctor` finds what would keep a machine from running the bot."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from flask_core.app_factory import ModuleInfo
from waddlebot import diagnosis
from waddlebot.diagnosis import find_troubles

PLENTY = 10**12


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that another program has."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


@pytest.fixture
def free() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def karma_on(port: int, folder: Path) -> list[ModuleInfo]:
    return [ModuleInfo("karma", port, "interaction", "x", folder)]


def test_a_good_machine_is_told_so(tmp_path: Path, free: int) -> None:
    said: list[str] = []
    assert diagnosis.run(karma_on(free, tmp_path), tmp_path / "data", said.append) == 0
    assert said == ["✓ This machine can run WaddleBot."]
    assert list(tmp_path.iterdir()) == []


def test_a_taken_port_is_named_with_the_way_out(tmp_path: Path, taken: int) -> None:
    said: list[str] = []
    assert diagnosis.run(karma_on(taken, tmp_path), tmp_path, said.append) == 1
    assert said == [
        f"✗ Port {taken} of karma is taken. End the other program, or set KARMA_PORT to another port.",
    ]


def test_a_module_that_was_moved_is_looked_for_where_it_is(tmp_path: Path, taken: int, free: int) -> None:
    assert list(find_troubles(karma_on(taken, tmp_path), tmp_path, values={"KARMA_PORT": str(free)})) == []
    [trouble] = find_troubles(karma_on(free, tmp_path), tmp_path, values={"KARMA_PORT": str(taken)})
    assert trouble.startswith(f"Port {taken} of karma is taken.")


def test_python_disk_and_clock(tmp_path: Path) -> None:
    troubles = list(
        find_troubles([], tmp_path / "a" / "b", free_bytes=lambda _: 1_000, now=lambda: 0.0, version=(3, 12))
    )
    assert [trouble.split(" ")[0] for trouble in troubles] == ["Python", "Less", "The"]
    assert "Python 3.12 is too old" in troubles[0]
    assert f"500 MB are free at {tmp_path}." in troubles[1]
    assert "The clock is wrong" in troubles[2]


def test_a_folder_that_cannot_be_written_to(tmp_path: Path) -> None:
    # Not a closed folder: whoever runs this may be root, for whom none is closed.
    blocked = Path("/proc") if os.access("/proc", os.X_OK) else tmp_path
    troubles = list(find_troubles([], blocked / "waddlebot-data", free_bytes=lambda _: PLENTY))
    assert troubles == ["/proc cannot be written to. Give yourself the right, or choose another place with --data."]
