"""What commands say, to whom, when, and for what."""

from __future__ import annotations

import pytest

from alias_interaction_module_flask.tests.conftest import World
from alias_interaction_module_flask.tests.street import Street
from flask_core.contracts import memories, reputation
from flask_core.datamodels import Chat, MessageType, Origin, PlatformRequest
from flask_core.errors import Conflict


@pytest.mark.promise("alias.3")
async def test_what_a_viewer_writes_never_starts_a_command(street: Street) -> None:
    await street.ask("!cmd add echo -cd=0 $(query)", "ben")
    await street.ask("!cmd add dance -cd=0 /me dances", "ben")
    await street.live("dance")
    for words in ("/ban grace", "!settitle x", ".timeout grace"):
        said = await street.heard(f"!echo {words}")
        assert (said.text, said.verbatim_start, said.origin) == (words, False, Origin.EXTERNAL)
    said = await street.heard("!dance")
    assert (said.text, said.style, said.origin) == ("dances", "me", Origin.OWN)


@pytest.mark.promise("alias.2")
async def test_what_a_viewer_writes_is_never_code(world: World) -> None:
    shout = '$(eval "@$(user) says " + "$(query)".toUpperCase())'
    refused = "$(eval) is switched off here, in the settings of the module alias."
    assert await world.say(f"!addcom !shout {shout}") == refused
    await world.parts.settings.write(2, {"eval": "on"}, 0)
    assert (await world.say(f"!addcom !shout {shout}")).startswith("Added !shout")
    try:
        assert await world.runs("shout", "hello there") == "@dee says HELLO THERE"
        said = await world.runs("shout", '";"!settitle x"//')
        (chat,) = world.chat.actions
        await world.parts.settings.write(2, {"eval": "imported"}, 1)
        assert await world.runs("shout", "hello") == "[eval: switched off here]"
    finally:
        await world.parts.around.scripts.close()
    assert said == '@dee says ";"!SETTITLE X"//'
    assert (chat.verbatim_start, chat.origin) == (False, Origin.EXTERNAL)


async def test_what_changes_the_channel_belongs_to_moderators(world: World) -> None:
    refused = "$(settitle) changes something for all: give the command the role moderator, -role=moderator."
    assert await world.say("!cmd add title $(settitle $(query))") == refused
    added = await world.say("!cmd add title -role=moderator $(settitle $(query))")
    assert added.endswith("Try: !cmd test title $(settitle) changes something for all.")
    assert await world.say("!cmd options title -role=viewer") == refused
    assert await world.say("!cmd test title Chess") == "(test) Chess"
    assert await world.runs("title", "Chess", role="moderator") == "Chess"
    assert world.chat.actions[1:] == [PlatformRequest("set_title", {"text": "Chess"})]
    noted = await world.database.read(lambda tx: tx.rows("SELECT actor, action, target, became FROM audit"))
    assert noted == [("member-dee", "command.changes", "!title", "set_title")]


async def test_a_text_that_cannot_be_read_is_refused_and_an_unknown_variable_warns(world: World) -> None:
    nested = "$(upper " * 12 + "x" + ")" * 12
    assert await world.say(f"!cmd add deep {nested}") == "Variables stand in each other at most 10 deep."
    said = await world.say("!cmd add odd Hello $(nonsense)")
    assert said == "Added !odd (viewer, 5 s). Try: !cmd test odd $(nonsense) means nothing and stays as it is."
    assert await world.runs("odd") == "Hello $(nonsense)"


@pytest.mark.parametrize(
    ("kind", "chat"),
    [
        ("say", Chat("Hi", reply=False)),
        ("reply", Chat("Hi")),
        ("mention", Chat("Hi", reply=False, mention=True)),
        ("whisper", Chat("Hi", reply=False, private=True)),
        ("me", Chat("Hi", reply=False, style="me")),
    ],
)
async def test_a_command_speaks_as_it_shall(world: World, kind: str, chat: Chat) -> None:
    await world.say(f"!cmd add hi -type={kind} Hi")
    assert await world.runs("hi") == "Hi"
    assert world.chat.actions == [chat]


async def test_a_text_that_comes_to_nothing_is_silent(world: World) -> None:
    await world.say("!cmd add hi $(query)")
    assert await world.runs("hi") == ""
    assert world.chat.actions == []


async def test_words_arrive_as_they_were_typed(world: World) -> None:
    await world.say("!cmd add echo $(query)")
    assert await world.runs("echo", 'two "quoted words"') == 'two "quoted words"'
    assert await world.runs("echo", '"as a whole"') == '"as a whole"'


@pytest.mark.promise("alias.15")
async def test_a_command_is_silent_at_the_wrong_time_and_place(street: Street) -> None:
    await street.ask("!cmd add off -when=offline Off", "ben")
    await street.ask("!cmd add on -when=online On", "ben")
    await street.ask("!cmd add twitch -on=twitch Only there", "ben")
    await street.live("twitch")
    assert (await street.silent("!twitch")).outcome == "refused"
    assert "is not for this platform" in (await street.silent("!twitch")).steps[-1].said
    await street.happens(MessageType.STREAM_ONLINE)
    assert "works offline only" in (await street.silent("!off")).steps[-1].said
    assert await street.ask("!on") == "On"
    await street.happens(MessageType.STREAM_OFFLINE)
    assert await street.ask("!off") == "Off"
    assert "works online only" in (await street.silent("!on")).steps[-1].said


@pytest.mark.promise("alias.17")
async def test_a_lookup_that_fails_costs_its_variable_alone(street: Street) -> None:
    await street.ask("!cmd add live $(user) looks: $(twitch grace) and goes on", "ben")
    await street.live("live")
    said = await street.ask("!live")
    assert said.startswith("Dee looks: [twitch: ")
    assert said.endswith("] and goes on")


async def test_quotes_and_people_come_from_their_modules(world: World) -> None:
    world.others.answers[memories.QuoteOf] = lambda asked: memories.Entry(
        "quote", asked.number, "#3", content="ship it"
    )
    await world.say("!cmd add q $(quote 3)", "owner")
    assert "ship it" in await world.runs("q")


def price(world: World, points: int) -> list[reputation.AskCharge]:
    """Reputation with so many points of everybody; the list tells what was charged, once per key."""
    charged: list[reputation.AskCharge] = []

    def charge(asked: reputation.AskCharge) -> reputation.Charge:
        if points < asked.amount:
            raise Conflict("Too few points.", points=points)
        if asked not in charged:
            charged.append(asked)
        return reputation.Charge(1, asked.amount, points - asked.amount)

    world.others.answers[reputation.AskCharge] = charge
    return charged


@pytest.mark.promise("alias.11")
async def test_a_command_that_costs_points_takes_them_once(world: World) -> None:
    await world.say("!cmd add hug -cost=50 Hug!")
    assert await world.runs("hug") == "!hug costs points, and nobody can take them right now."
    charged = price(world, 12)
    assert await world.runs("hug") == "That costs 50 points, you have 12."
    assert "used 0×" in await world.say("!cmd show hug")
    charged = price(world, 60)
    for _ in range(2):
        assert await world.runs("hug", execution_id="same") == "Hug!"
    assert [(one.amount, one.member_id) for one in charged] == [(50, "member-dee")]
    assert await world.runs("hug", role="moderator") == "Hug!"
    assert len(charged) == 1


async def test_a_guest_has_no_points_to_pay_with(world: World) -> None:
    await world.say("!cmd add hug -cost=50 Hug!")
    charged = price(world, 60)
    assert await world.runs("hug", guest=True) == "!hug costs points, and guests have none: !community join"
    assert charged == []


async def test_points_come_back_when_nothing_came_of_it(world: World) -> None:
    await world.say("!cmd add hug -cost=50 Hug!")
    price(world, 60)
    back: list[int] = []
    world.others.answers[reputation.ChargeOf] = lambda asked: back.append(asked.id)
    await world.database.write(lambda tx: tx.run("DROP TABLE command_uses"))
    with pytest.raises(Exception, match="command_uses"):
        await world.runs("hug")
    assert back == [1]


async def test_an_alias_has_no_price_of_its_own(world: World) -> None:
    assert await world.say("!cmd add w -cost=5 -a=!weather") == "An alias costs what the command costs that it runs."
