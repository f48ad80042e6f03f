"""The locks of a tree: what they are made of, and that nothing in them names a host."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from waddlebot.checks import requirements
from waddlebot.locking import lock_all, locks

REPOSITORY = Path(__file__).parents[3]
# Writes down what it was asked, and makes the file that it was to make.
FAKE_UV = """\
#!/bin/sh
echo "$@" >> "$ASKED"
while [ "$1" != "-o" ]; do shift; done
echo "quart==0.23.0 --hash=sha256:0" > "$2"
"""


def test_the_whole_tree_is_locked_first_and_the_images_follow_it(
    tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    uv = tmp_path / "bin" / "uv"
    uv.parent.mkdir()
    uv.write_text(FAKE_UV)
    uv.chmod(uv.stat().st_mode | stat.S_IEXEC)
    monkeypatch.setenv("PATH", f"{uv.parent}:{os.environ['PATH']}")
    monkeypatch.setenv("ASKED", str(tmp_path / "asked"))
    lock_all(tree)
    everything, running, karma = (tmp_path / "asked").read_text().splitlines()
    assert "--constraint" not in everything
    for asked in (everything, running, karma):
        assert "--generate-hashes" in asked
        assert "--no-emit-index-url" in asked
    assert f"--constraint {tree}/requirements/all.txt" in running
    assert f"-o {tree}/karma_interaction_module_flask/requirements.txt --constraint" in karma
    assert list(requirements.check(tree)) == []


def test_every_module_has_a_lock_of_its_own(tree: Path) -> None:
    assert [str(lock.target.relative_to(tree)) for lock in locks(tree)] == [
        "requirements/all.txt",
        "requirements/run.txt",
        "karma_interaction_module_flask/requirements.txt",
    ]


def test_the_locks_of_this_repository_are_whole_and_name_no_host() -> None:
    assert list(requirements.check(REPOSITORY)) == []
