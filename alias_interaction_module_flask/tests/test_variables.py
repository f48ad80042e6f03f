"""Every variable, as the files under fixtures/variables tell it."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from alias_interaction_module_flask.tests.imagined_world import ImaginedWorld
from alias_interaction_module_flask.tests.texts import said
from flask_core.datamodels import Role

_FOLDER = Path(__file__).parent / "fixtures" / "variables"


def _cases() -> list[Any]:
    """One per dialect and case; a case without a dialect is one of our own."""
    found = []
    for path in sorted(_FOLDER.glob("*.toml")):
        for case in tomllib.loads(path.read_text("utf-8"))["case"]:
            dialects = case.pop("dialects", None) or [case.pop("dialect", "waddle")]
            found += [
                pytest.param(dialect, case, id=f"{path.stem}-{dialect}-{case['template'][:40]}-{case.get('words', '')}")
                for dialect in dialects
            ]
    return found


def _world(told: dict[str, Any]) -> ImaginedWorld:
    world = ImaginedWorld()
    for name, value in told.items():
        known = getattr(world, name)
        setattr(world, name, {**known, **value} if isinstance(known, dict) else type(known)(value))
    return world


@pytest.mark.parametrize(("dialect", "case"), _cases())
async def test_a_variable_says(dialect: str, case: dict[str, Any]) -> None:
    more = dict(case.get("with", {}))
    if "command_role" in more:
        more["command_role"] = Role.named(more["command_role"])
    if case.get("timer"):
        more["caller"] = None
    result = await said(case["template"], case.get("words", ""), dialect, _world(case.get("world", {})), **more)
    assert result.text == case["expected"]
