"""`waddlebot new-module karma` makes a module that works, with tests that pass."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from waddlebot import rendering, scaffold
from waddlebot.checks import generated, promises, requirements, shape, style
from waddlebot.tree import modules

REPOSITORY = Path(__file__).parents[3]


def test_a_new_module_has_the_shape_of_all_others(tree: Path) -> None:
    for check in (shape.check, promises.check, generated.check, requirements.check, style.formatting, style.lint):
        assert list(check(tree)) == [], check


def test_its_tests_pass_on_both_databases(tree: Path, postgres_url: str) -> None:
    paths = [str(tree), *(str(REPOSITORY / "libs" / name) for name in ("flask_core", "waddlebot"))]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "."],
        cwd=tree, capture_output=True, text=True, timeout=60, check=False,
        env={**os.environ, "PYTHONPATH": ":".join(paths), "TEST_POSTGRES_URL": postgres_url},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert " passed" in done.stdout


def test_the_next_one_gets_the_next_port_and_the_lock_of_one_that_needs_the_same(tree: Path, karma: Path) -> None:
    folder = scaffold.make(tree, "bird_song_core")
    assert [(info.name, info.kind, info.port) for info in modules(tree)] == [
        ("karma", "interaction", 8060),
        ("bird_song", "core", 8061),
    ]
    assert (folder / "requirements.txt").read_bytes() == (karma / "requirements.txt").read_bytes()
    assert '@commands.command("bird song give"' in (folder / "commands.py").read_text()
    rendering.render(tree)
    for check in (shape.check, promises.check, generated.check, requirements.check, style.formatting, style.lint):
        assert list(check(tree)) == [], check


def test_without_one_that_needs_the_same_the_lock_is_left_to_make_lock(tree: Path, karma: Path) -> None:
    (karma / "requirements.in").write_text("spotipy\n")
    folder = scaffold.make(tree, "bird_song")
    assert not (folder / "requirements.txt").exists()
    assert f"{folder.name}/requirements.txt is missing. Run: make lock" in list(requirements.check(tree))


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("karma", "karma_interaction_module_flask exists already"),
        ("karma_core", "a module called karma already"),
        ("../evil", "Use a-z, 0-9 and _"),
        ("Karma2", "Use a-z, 0-9 and _"),
        ("x", "Use a-z, 0-9 and _"),
    ],
)
def test_names_that_cannot_be(tree: Path, name: str, why: str) -> None:
    before = sorted(tree.rglob("*"))
    with pytest.raises(typer.BadParameter, match=why):
        scaffold.make(tree, name)
    assert sorted(tree.rglob("*")) == before
