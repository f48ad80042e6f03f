"""Every check passes on a good tree and says what is wrong with a broken one."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console

from waddlebot import checks
from waddlebot.checks import generated, promises, requirements, shape, style


def append(path: Path, text: str) -> None:
    path.write_text(path.read_text() + text)


def replace(path: Path, old: str, new: str) -> None:
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))


def twin(karma: Path) -> None:
    """Another module on the same port."""
    folder = karma.parent / "bliss_interaction_module_flask"
    folder.mkdir()
    (folder / "module.toml").write_text('name = "bliss"\nport = 8060\nkind = "interaction"\ndescription = "x"\n')
    (folder / "app.py").write_text('"""Wires."""\n')


DOCUMENTED = '"""Says what it is for."""\n\n'

SHAPES: list[tuple[Callable[[Path], object], str]] = [
    (lambda karma: (karma / "README.md").unlink(), "lacks README.md"),
    (lambda karma: (karma / "schema" / "0001_first.sql").unlink(), "lacks schema/0001_first.sql"),
    (lambda karma: (karma / "Dockerfile").unlink(), "lacks Dockerfile"),
    (lambda karma: append(karma / "app.py", "\n" * 60), "it wires and does nothing else"),
    (lambda karma: append(karma / "service.py", "\n" * 280), "split it by noun"),
    (lambda karma: (karma / "calendar.py").write_text(DOCUMENTED), "hides a module of the standard library"),
    (lambda karma: (karma / "utils.py").write_text(DOCUMENTED), "needs a name that says what is in it"),
    (lambda karma: (karma / "songs.py").write_text("x = 1\n"), "must begin with a line that says what it is for"),
    (lambda karma: append(karma / "service.py", "\nimport os\nx = os.environ\n"), "only config.py does"),
    (lambda karma: append(karma / "service.py", "\nfrom . import config\n"), "imports relatively"),
    (lambda karma: append(karma / "service.py", f"\nfrom {karma.name}.app import app\n"), "which nobody does"),
    (lambda karma: append(karma / "service.py", "\nimport flask_security\n"), "lives in identity alone"),
    (lambda karma: replace(karma / "module.toml", '"karma"', '"bliss"'), "is called bliss in its module.toml"),
    (twin, "have the same port 8060"),
    (
        lambda karma: (twin(karma), append(karma / "service.py", "\nimport bliss_interaction_module_flask.app\n")),
        "modules meet through operations",
    ),
]


@pytest.mark.parametrize(("break_it", "said"), SHAPES, ids=[said for _, said in SHAPES])
def test_shape(karma: Path, break_it: Callable[[Path], object], said: str) -> None:
    assert list(shape.check(karma.parent)) == []
    break_it(karma)
    assert [sentence for sentence in shape.check(karma.parent) if said in sentence]


def test_a_promise_without_a_test_and_a_test_without_a_promise(tree: Path, karma: Path) -> None:
    assert list(promises.check(tree)) == []
    append(karma / "README.md", "12. It sings.\n")
    replace(karma / "tests" / "test_commands.py", 'promise("karma.1")', 'promise("karma.7")')
    assert list(promises.check(tree)) == [
        "karma.1 is promised and no test keeps it.",
        "karma.12 is promised and no test keeps it.",
        "karma.7 has a test and no README promises it.",
    ]


def test_only_what_stands_under_promises_is_one(tree: Path, karma: Path) -> None:
    replace(karma / "README.md", "## Promises", "## Steps\n\n1. Turn it on.\n9. Turn it off.\n\n## Promises")
    append(karma / "README.md", "\n## Else\n\n3. Nothing.\n")
    assert promises.promises_in(karma / "README.md") == [1, 2]
    assert promises.promises_in(karma / "nothing.md") == []


@pytest.mark.parametrize(
    "path",
    [
        "docker-compose.yml",
        "docs/commands.md",
        "karma_interaction_module_flask/Dockerfile",
    ],
)
def test_what_is_generated_must_be_fresh(tree: Path, path: str) -> None:
    assert list(generated.check(tree)) == []
    append(tree / path, "# by hand\n")
    assert list(generated.check(tree)) == [f"{path} is stale. Run: waddlebot render"]
    (tree / path).unlink()
    assert list(generated.check(tree)) == [f"{path} is stale. Run: waddlebot render"]


LOCKS: list[tuple[Callable[[Path], object], str]] = [
    (lambda tree: (tree / "requirements" / "all.txt").unlink(), "requirements/all.txt is missing. Run: make lock"),
    (
        lambda tree: append(tree / "requirements" / "run.txt", "--index-url https://packages.example.org/simple\n"),
        "requirements/run.txt names a package host.",
    ),
    (
        lambda tree: append(tree / "requirements" / "core.in", "# why\nPy_Dal==1 # exactly\n"),
        "requirements/all.txt lacks py-dal. Run: make lock",
    ),
    (
        lambda tree: (tree / "requirements" / "all.txt").write_text("quart==0.23.0\n"),
        "requirements/all.txt has no hashes. Run: make lock",
    ),
]


@pytest.mark.parametrize(("break_it", "said"), LOCKS, ids=[said for _, said in LOCKS])
def test_requirements(tree: Path, break_it: Callable[[Path], object], said: str) -> None:
    assert list(requirements.check(tree)) == []
    break_it(tree)
    assert said in list(requirements.check(tree))


def test_format_and_lint(tree: Path, karma: Path) -> None:
    assert list(style.formatting(tree)) == list(style.lint(tree)) == []
    append(karma / "service.py", "\n\ndef sing( ): return song\n")
    assert list(style.formatting(tree))[-1] == "Run: ruff format ."
    assert any("F821" in sentence and "song" in sentence for sentence in style.lint(tree))


def test_types(tmp_path: Path) -> None:
    for package in ("libs/flask_core/flask_core", "libs/waddlebot/waddlebot", "karma_interaction_module_flask"):
        (tmp_path / package).mkdir(parents=True)
        (tmp_path / package / "__init__.py").write_text(DOCUMENTED)
    karma = tmp_path / "karma_interaction_module_flask"
    (karma / "module.toml").write_text('name = "karma"\nport = 1\nkind = "core"\ndescription = "x"\n')
    (karma / "service.py").write_text(f"{DOCUMENTED}points: int = 'many'\n")
    [sentence] = [said for said in style.types(tmp_path) if "error:" in said]
    assert "service.py:3" in sentence
    (karma / "service.py").write_text(f"{DOCUMENTED}points: int = 7\n")
    assert list(style.types(tmp_path)) == []


@pytest.fixture
def console() -> Console:
    return Console(file=io.StringIO(), highlight=False, width=200)


def told(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_the_outcome_is_told_check_by_check(tree: Path, karma: Path, console: Console) -> None:
    assert checks.run(tree, ["shape", "promises"], console) == 0
    said = told(console)
    assert "shape          ok" in said
    assert "promises       ok" in said
    (karma / "README.md").unlink()
    assert checks.run(tree, ["shape"], console) == 1
    assert "shape          1 failed" in told(console)


def test_a_check_that_nobody_knows(tree: Path, console: Console) -> None:
    assert checks.run(tree, ["shape", "beauty"], console) == 2
    assert "No check is called beauty. There are: shape, promises," in told(console)


def test_a_check_that_cannot_be_finished_does_not_keep_the_others_from_running(
    tree: Path, karma: Path, console: Console
) -> None:
    append(karma / "commands.py", "\nraise ValueError('[red] herring')\n")
    assert checks.run(tree, ["generated", "shape"], console) == 1
    said = told(console)
    assert "could not be finished: ValueError: [red] herring" in said
    assert "shape          ok" in said
