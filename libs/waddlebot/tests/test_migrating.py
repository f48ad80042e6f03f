"""`waddlebot migrate` builds every module's tables, and tells where they drifted."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from flask_core.testing.installation import environment
from waddlebot import migrating
from waddlebot.tree import modules


@pytest.fixture
def said(tree: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    for name, value in environment(f"sqlite://{tree}/karma.db").items():
        monkeypatch.setenv(name, value)
    return []


def test_what_is_missing_is_applied_once(tree: Path, said: list[str]) -> None:
    for _ in range(2):
        assert migrating.run(modules(tree), only_drift=False, say=said.append) == 0
    assert said == [
        "karma: flask_core 0001, flask_core 0002, karma_interaction_module_flask 0001",
        "karma: up to date",
    ]


def test_a_table_that_somebody_changed_by_hand_is_told(tree: Path, said: list[str]) -> None:
    migrating.run(modules(tree), only_drift=False, say=lambda _: None)
    assert migrating.run(modules(tree), only_drift=True, say=said.append) == 0
    assert said == []
    with sqlite3.connect(tree / "karma.db") as database:
        database.execute("ALTER TABLE points ADD COLUMN since TEXT")
    database.close()
    assert migrating.run(modules(tree), only_drift=True, say=said.append) == 1
    assert said == ["karma: unknown: points.since TEXT"]
