"""Modules that introduce themselves wrongly are told which field it was, and what was known before stays."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from flask_core.contracts import router
from flask_core.datamodels import CommandCard, EventInterest, Manifest, MessageType
from flask_core.errors import Conflict, InvalidInput
from router_module_flask.introductions.manifests import check
from router_module_flask.tests.conftest import ECHO, Town
from router_module_flask.tests.fakes import MEMORIES


def card(path: str = "roll", **more: Any) -> CommandCard:
    return CommandCard(path, "Roll a die.", f"!{path}", **more)


def manifest(*cards: CommandCard, name: str = "dice", matches: str = "") -> Manifest:
    interest = EventInterest(MessageType.CHAT, matches=matches)
    return Manifest(name, "1", "interaction", "", "one", commands=cards, events=(interest,))


@pytest.mark.parametrize(
    "good", [MEMORIES, ECHO, manifest(), manifest(card("würfel"), card("roll again", aliases=("ra", "c++")))]
)
def test_what_people_can_type_is_taken(good: Manifest) -> None:
    check(good)


@pytest.mark.parametrize(
    ("bad", "field"),
    [
        (manifest(name="Dice"), "name"),
        (manifest(name=""), "name"),
        (manifest(name="a" * 41), "name"),
        (manifest(card("")), "commands[0].path"),
        (manifest(card(), card("Roll")), "commands[1].path"),
        (manifest(card(" roll")), "commands[0].path"),
        (manifest(card("a b c d e")), "commands[0].path"),
        (manifest(card('"roll"')), "commands[0].path"),
        (manifest(card("roll", aliases=("",))), "commands[0].path"),
        (manifest(card("ro\u200bll")), "commands[0].path"),
        (manifest(card(timeout=0)), "commands[0].timeout"),
        (manifest(card(timeout=31)), "commands[0].timeout"),
        (manifest(matches="(?=a)b"), "events[0].matches"),
        (manifest(matches="(a+"), "events[0].matches"),
        (manifest(matches="a" * 501), "events[0].matches"),
    ],
)
def test_what_nobody_could_use_is_refused_by_its_field(bad: Manifest, field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        check(bad)
    assert refused.value.details == {"field": field}


def test_the_same_words_twice_are_a_conflict() -> None:
    with pytest.raises(Conflict, match="dice declares ra twice"):
        check(manifest(card(aliases=("ra",)), card("ra")))


async def test_what_was_known_before_a_bad_manifest_stays(town: Town) -> None:
    bad = msgspec.structs.replace(ECHO, commands=(card(""),), events=(EventInterest(MessageType.CHAT, matches="("),))
    with pytest.raises(InvalidInput):
        await town.echo.client.call("router", router.INTRODUCE, router.Introduction("echo", bad))
    assert await town.ask("!echo hi") == "Dee said !echo hi"
