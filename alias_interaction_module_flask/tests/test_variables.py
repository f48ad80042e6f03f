"""Every variable, as the files under fixtures/variables tell it."""

from __future__ import annotations

import tomllib
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from alias_interaction_module_flask.evaluator.families import KNOWN
from alias_interaction_module_flask.evaluator.families.chance import ANSWERS
from alias_interaction_module_flask.evaluator.parser import parse
from alias_interaction_module_flask.evaluator.template import Dialect
from alias_interaction_module_flask.tests.imagined_world import ASLEEP, ImaginedWorld
from alias_interaction_module_flask.tests.texts import said
from flask_core.datamodels import Role

_FOLDER = Path(__file__).parent / "fixtures" / "variables"
_CHOICES = {"8ball": ANSWERS, "percent": tuple(map(str, range(101)))}


def cases() -> list[tuple[str, str, dict[str, Any]]]:
    """File, dialect and case of all."""
    found = []
    for path in sorted(_FOLDER.glob("*.toml")):
        told = tomllib.loads(path.read_text("utf-8"))
        found += [(path.stem, case.pop("dialect", told["dialect"]), case) for case in told["case"]]
    return found


def prepared(case: dict[str, Any]) -> tuple[ImaginedWorld, dict[str, Any]]:
    """The world of a case, and what differs in the use of the command."""
    world, more = ImaginedWorld(), dict(case.get("with", {}))
    for name, value in case.get("world", {}).items():
        known = getattr(world, name)
        setattr(world, name, {**known, **value} if isinstance(known, dict) else type(known)(value))
    if case.get("asleep"):
        world.streams[""] = replace(ASLEEP, game="")
    if case.get("nowhere"):
        world.streams.clear()
    world.answers |= {name[3:].replace("event", "next_event"): None for name in ("no_song", "no_event") if name in case}
    if "command_role" in more:
        more["command_role"] = Role.named(more["command_role"])
    if case.get("timer"):
        more["caller"] = None
    return world, more


@pytest.mark.promise("alias.1")
@pytest.mark.parametrize(
    ("dialect", "case"),
    [
        pytest.param(dialect, case, id=f"{name}-{dialect}-{case['template'][:50]}-{number}")
        for number, (name, dialect, case) in enumerate(cases())
    ],
)
async def test_a_text_says(dialect: str, case: dict[str, Any]) -> None:
    world, more = prepared(case)
    result = await said(case["template"], case.get("words", ""), dialect, world, **more)
    choice = case.get("one_of", [case.get("expected")])
    assert result.text in (_CHOICES[choice] if isinstance(choice, str) else choice)
    assert result.style == case.get("style", "normal")


@pytest.mark.promise("alias.1")
def test_every_variable_has_an_ordinary_and_an_odd_case() -> None:
    told: Counter[tuple[str, Any]] = Counter()
    for _, dialect, case in cases():
        for variable in parse(case["template"], dialect).variables():
            declared = KNOWN.find(Dialect(dialect), variable.name)
            assert declared is not None
            told[declared.name, declared.meaning] += 1
    declared = [one for family in KNOWN.families for one in family.declared if not one.refused]
    assert [one.name for one in declared if told[one.name, one.meaning] < 2] == []
