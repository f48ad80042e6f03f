"""Conversations about a community's own commands."""

from __future__ import annotations

import pytest

from alias_interaction_module_flask.models import By
from alias_interaction_module_flask.tests.conftest import World
from flask_core.datamodels import Role
from flask_core.errors import Forbidden


async def test_a_command_is_added_shown_changed_and_removed(world: World) -> None:
    assert await world.say("!cmd add !hug $(user) hugs $(1)!") == "Added !hug (viewer, 5 s). Try: !cmd test hug"
    assert await world.say("!cmd show HUG") == ("!hug says: $(user) hugs $(1)! (viewer, 5 s; used 0×; by dee)")
    assert await world.say("!cmd add hug Something else") == "There is a !hug already. Use !cmd edit hug …"
    assert await world.say("!cmd edit hug $(user) waves", user="ben") == "Updated !hug."
    assert await world.say("!cmd edit hgu $(user) waves") == "There is no !hgu. Did you mean !hug?"
    assert await world.say("!cmd test hug Ann") == "(test) dee waves"
    assert await world.say("!cmd remove hug") == "Removed !hug (used 0 times). Undo: !cmd restore hug"
    assert await world.say("!cmd show hug") == "There is no !hug."
    assert await world.say("!cmd restore hug") == "!hug is back."
    assert await world.say("!cmd restore hug") == "There is no !hug in the bin."
    assert "by ben" not in await world.say("!cmd show hug")


@pytest.mark.parametrize(
    ("line", "terms"),
    [
        ("!addcom so -ul=mod -cd=10 Go!", "moderator, 10 s"),
        ("!command add so -cd 10 -usercd 30 -level 500 Go!", "moderator, channel 10 s, member 30 s"),
        ("!commands add so -role=vip -when=offline -on=twitch,slack Go!", "vip, 5 s, offline only, on twitch, slack"),
        ("!cmd add so -type=action -cost=50 -disable Go!", "viewer, 5 s, costs 50, me, off"),
        ("!cmd add so -cd=0 Go!", "viewer"),
    ],
)
async def test_options_stand_before_the_text_in_either_spelling(world: World, line: str, terms: str) -> None:
    assert await world.say(line) == f"Added !so ({terms}). Try: !cmd test so"
    assert f"!so says: Go! ({terms}; " in await world.say("!cmd show so")


async def test_options_change_without_the_text(world: World) -> None:
    await world.say("!cmd add so Go!")
    assert await world.say("!cmd opt so -role=moderator -usercd=30") == "!so: moderator, channel 5 s, member 30 s."
    assert await world.say("!cmd options so Go there") == (
        "Write options only, such as -role=moderator -cd=10 -usercd=30."
    )
    assert await world.say("!cmd edit so -disable") == "Updated !so."
    assert (
        await world.say("!cmd show so") == "!so says: Go! (moderator, channel 5 s, member 30 s, off; used 0×; by dee)"
    )


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("!cmd add", "Usage: !cmd add <name> [options] <text>"),
        ("!cmd add a/b Hello", "A name has 1 to 50 letters, digits, emoji or _ - . and no spaces."),
        (f"!cmd add {'x' * 51} Hello", "A name has 1 to 50 letters, digits, emoji or _ - . and no spaces."),
        ("!cmd add hug -cd=10", "Write what it says."),
        (f"!cmd add hug {'x' * 2001}", "This is 2,001 characters long; at most 2,000 are kept."),
        ("!cmd add hug -role=king Hello", "Write one of these roles: viewer, subscriber, regular, vip, moderator,"),
        ("!cmd add hug -cd=100000 Hello", "A cooldown has 0 to 86,400 seconds."),
        ("!cmd add hug -color=red Hello", "There is no option -color."),
        ("!cmd add hug -on=myspace Hello", "Write one or more of twitch, discord, slack, console, with commas."),
        ("!cmd add hug -role=owner Hello", "Only owners can do that. You are moderator here."),
        ("!cmd list 7", "No commands of our own yet."),
    ],
)
async def test_what_cannot_be_is_refused_with_a_reason(world: World, line: str, said: str) -> None:
    assert (await world.say(line)).startswith(said)


async def test_a_text_may_begin_with_a_dash_and_keeps_its_quotes_and_emoji(world: World) -> None:
    family = "👨\u200d👩\u200d👧"
    await world.say(f'!cmd add fam - "so" it is {family}½')
    assert await world.say("!cmd test fam") == f'(test) - "so" it is {family}½'
    await world.say('!cmd edit fam "quoted as a whole"')
    assert await world.say("!cmd test fam") == '(test) "quoted as a whole"'


@pytest.mark.promise("alias.7")
@pytest.mark.parametrize("name", ["quote", "!quote", "QUOTE", "!Quote"])
async def test_a_name_of_a_module_can_never_be_taken(world: World, name: str) -> None:
    refused = "!quote is a command of memories and stays one. Choose another name."
    assert await world.say(f"!cmd add {name} Hello") == refused
    assert await world.say(f"!alias add {name} !weather") == refused


async def test_the_number_of_commands_is_limited(world: World) -> None:
    world.chat.service = world.limited(2)
    await world.say("!cmd add one Hello")
    await world.say("!cmd add two Hello")
    full = "This community has 2 commands already. Remove one first."
    assert await world.say("!cmd add three Hello") == full
    await world.say("!cmd remove two")
    assert (await world.say("!cmd add three Hello")).startswith("Added !three")
    assert await world.say("!cmd restore two") == full


async def test_lists_hold_five_that_the_caller_may_use(world: World) -> None:
    for name in ("one", "two", "three", "four", "five", "six"):
        await world.say(f"!cmd add {name} Hello")
    await world.say("!cmd add zebra -role=moderator Hello")
    await world.say("!cmd add absent -disable Hello")
    assert await world.say("!cmd list", "viewer") == "!five, !four, !one, !six, !three (+1 more)"
    assert await world.say("!cmd list 2", "viewer") == "!two"
    assert await world.say("!cmd 2") == "!two, !zebra"
    assert await world.say("!cmd list 3", "viewer") == "There is no such page."


@pytest.mark.promise("alias.8")
async def test_communities_do_not_see_each_others_commands(world: World) -> None:
    await world.say("!cmd add hug Ours")
    elsewhere = world.in_community(3)
    assert await elsewhere.say("!cmd show hug", role="moderator") == "There is no !hug."
    assert (await elsewhere.say("!cmd add hug Theirs", role="moderator")).startswith("Added !hug")
    assert await world.say("!cmd test hug") == "(test) Ours"
    assert await elsewhere.say("!cmd test hug", role="moderator") == "(test) Theirs"


async def test_nobody_changes_what_they_could_not_use(world: World) -> None:
    await world.say("!cmd add secret -role=admin Hello", "admin")
    assert await world.say("!cmd edit secret Other") == "Only admins can do that. You are moderator here."
    assert await world.say("!cmd remove secret") == "Only admins can do that. You are moderator here."
    assert await world.say("!cmd options secret -role=viewer") == "Only admins can do that. You are moderator here."


async def test_who_may_edit_is_the_communitys_choice(world: World) -> None:
    await world.parts.settings.write(2, {"edit_role": "admin"}, 0)
    assert await world.say("!cmd add hug Hello") == "Only admins can change commands. You are moderator here."
    entries, wish = world.parts.alias.entries, await world.parts.alias.entries.wish(2, "text", "hug", "Hello")
    with pytest.raises(Forbidden):
        await entries.add(2, wish, By("member-ben", "ben", Role.MODERATOR))
    await world.parts.settings.write(2, {"edit_role": "vip", "default_cooldown_channel": 20}, 1)
    wish = await entries.wish(2, "text", "hug", "Hello")
    made = await entries.add(2, wish, By("member-eve", "eve", Role.VIP))
    assert made.what.cooldown_channel == 20
