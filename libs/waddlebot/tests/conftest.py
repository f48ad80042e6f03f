"""A small tree with one module in it, made as people make theirs."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from waddlebot import rendering, scaffold

FOLDER = "karma_interaction_module_flask"
_LOCK = f"quart==0.23.0 \\\n    --hash=sha256:{'0' * 64}\n"
_PYPROJECT = """\
[tool.ruff]
line-length = 120
[tool.mypy]
strict = true
disallow_untyped_decorators = false
[tool.pytest.ini_options]
addopts = "--import-mode=importlib"
asyncio_mode = "auto"
pythonpath = ["."]
markers = ["promise(name): a promise"]
"""


@pytest.fixture(scope="session")
def pattern(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tree that every test gets a copy of."""
    root = tmp_path_factory.mktemp("pattern")
    (root / "pyproject.toml").write_text(_PYPROJECT)
    (root / "conftest.py").write_text('"""Tests."""\n\npytest_plugins = ["flask_core.testing.plugin"]\n')
    requirements = root / "requirements"
    requirements.mkdir()
    for name, text in {"core.in": "quart\n", "run.in": "# nothing\n", "tools.in": "# nothing\n"}.items():
        (requirements / name).write_text(text)
    for name in ("all.txt", "run.txt"):
        (requirements / name).write_text(_LOCK)
    scaffold.make(root, "karma")
    (root / FOLDER / "requirements.txt").write_text(_LOCK)
    sys.path.insert(0, str(root))
    try:
        rendering.render(root)
    finally:
        sys.path.remove(str(root))
        _forget(root)
    return root


@pytest.fixture
def tree(pattern: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A tree of one's own in which everything is as it should be; its modules can be imported."""
    root = shutil.copytree(pattern, tmp_path / "tree", ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setenv("WADDLEBOT_ROOT", str(root))
    monkeypatch.syspath_prepend(str(root))
    yield root
    _forget(root)


@pytest.fixture
def karma(tree: Path) -> Path:
    """The module's folder."""
    return tree / FOLDER


def _forget(root: Path) -> None:
    """The next tree has a module of the same name; the project's own stay, wherever it lies."""
    for name in [name for name in sys.modules if name.partition(".")[0].endswith("_module_flask")]:
        if str(getattr(sys.modules[name], "__file__", "")).startswith(f"{root}/"):
            del sys.modules[name]
