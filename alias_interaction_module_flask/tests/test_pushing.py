"""The router has what is here: told at once, by one replica, and again until it heard."""

from __future__ import annotations

import asyncio

import pytest

from alias_interaction_module_flask.tests.conftest import World
from alias_interaction_module_flask.tests.street import Street
from flask_core.contracts import names
from flask_core.datamodels import CommandCard, Cooldowns, Manifest


@pytest.mark.promise("alias.16")
async def test_while_the_router_is_away_commands_are_kept_and_go_live_when_it_is_back(world: World) -> None:
    world.others.away = True
    assert (await world.say("!cmd add hug Hello")).startswith("Added !hug")
    assert await world.say("!alias add h !whatever") == "!h now runs !whatever."
    await world.replica("one").step()
    assert await world.parts.desk.pushes.versions(2) == (2, 0)
    world.others.away = False
    world.later(minutes=1)
    await world.replica("one").step()
    assert [item.name for item in world.others.pushed[-1].items] == ["h", "hug"]
    assert await world.parts.desk.pushes.versions(2) == (2, 2)


@pytest.mark.promise("alias.16")
async def test_two_replicas_tell_it_once(world: World) -> None:
    await world.say("!cmd add hug -role=vip -usercd=7 -when=online -on=twitch Hello")
    await asyncio.gather(world.replica("one").step(), world.replica("two").step())
    assert [pushed.version for pushed in world.others.pushed] == [1]
    (hug,) = world.others.pushed[0].items
    assert (hug.name, hug.role.word, hug.cooldowns, hug.when, hug.platforms) == (
        "hug", "vip", Cooldowns(7, 5), "online", ("twitch",),
    )  # fmt: skip
    await world.replica("two").step()
    assert len(world.others.pushed) == 1


async def test_a_change_while_it_is_told_is_told_again(world: World) -> None:
    await world.say("!cmd add hug Hello")
    loop = world.replica("one")
    claimed = await world.parts.pushing.rows.claim("one", world.now, 50)
    await world.say("!cmd add wave Hello")
    await world.parts.pushing.rows.record(claimed[0], await world.parts.pushing.push(claimed[0]))
    await loop.step()
    assert [[item.name for item in pushed.items] for pushed in world.others.pushed][-1] == ["hug", "wave"]
    assert await world.parts.desk.pushes.versions(2) == (2, 2)


async def test_what_was_refused_or_is_another_version_is_told_again(world: World) -> None:
    world.others.refuses = "A name nobody can type."
    await world.say("!cmd add hug Hello")
    await world.replica("one").step()
    assert world.others.pushed == []
    world.others.refuses = ""
    has: dict[int, int] = {}
    world.others.answers[names.Nothing] = lambda _: names.DynamicVersions(has)
    for known, pushed in (({}, 1), ({2: 1}, 1), ({2: 50}, 51)):
        has = known
        await world.parts.pushing.compare()
        await world.replica("one").step()
        assert world.others.pushed[-1].version == pushed
    assert len(world.others.pushed) == 2


async def test_a_disabled_command_is_silent_and_the_trace_says_why(street: Street) -> None:
    await street.ask("!cmd add hug -disable Hello", "ben")
    await street.ask("!cmd add wave Hello", "ben")
    await street.live("wave")
    assert "!hug is switched off" in (await street.silent("!hug")).steps[-1].said
    assert "hug" not in await street.ask("!commands alias", "dee")


async def test_a_set_that_the_router_lost_is_told_again(street: Street) -> None:
    await street.ask("!cmd add hug Hello", "ben")
    await street.live("hug")
    router = street.inst.services["router"]
    await router.database.write(lambda tx: tx.run("DELETE FROM dynamic_sets") + tx.run("DELETE FROM dynamic_commands"))
    router_parts = street.inst.app("router").extensions["router"]
    router_parts.directory.forget_names(None)
    await street.gone("hug")
    await street.parts.pushing.compare()
    await street.live("hug")


async def test_a_module_that_comes_later_keeps_its_word(street: Street) -> None:
    await street.ask("!cmd add dance We dance", "ben")
    await street.live("dance")
    cards = (CommandCard("dance", "Dance.", "!dance", cooldowns=Cooldowns()),)
    await street.introduce(Manifest("echo", "2", "interaction", "http://127.0.0.1:1", "two", commands=cards))
    await street.ask("!cmd add other Hello", "ben")
    await street.live("dance_custom")
    assert await street.ask("!dance_custom") == "We dance"
    assert (
        street.told[0].text == "!dance is a command of a module now. Your own one is called !dance_custom from now on."
    )
    asked = names.NamesAsked(street.community_id, ("dance", "dance_custom"))
    taken = await street.inst.client("alias").call("router", names.CHECK_NAMES, asked)
    assert taken.taken == {"dance": "echo"}
