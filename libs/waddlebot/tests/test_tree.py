"""Which modules there are."""

from __future__ import annotations

from pathlib import Path

import pytest

from waddlebot.tree import modules, root


def test_a_folder_with_a_module_toml_is_a_module(tree: Path) -> None:
    (tree / "notes_module_flask").mkdir()
    [karma] = modules(tree)
    assert (karma.name, karma.kind, karma.port) == ("karma", "interaction", 8060)
    assert karma.schema_folder == tree / "karma_interaction_module_flask" / "schema"


def test_the_root_is_where_this_was_checked_out_or_what_the_operator_says(
    tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert root() == tree
    monkeypatch.delenv("WADDLEBOT_ROOT")
    assert (root() / "libs" / "waddlebot" / "pyproject.toml").exists()


def test_modules_come_in_the_order_of_their_ports(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WADDLEBOT_ROOT", raising=False)
    ports = [info.port for info in modules()]
    assert len(ports) >= 7
    assert ports == sorted(ports)
