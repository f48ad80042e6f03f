"""What people read when they ask the bot about itself."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio

from flask_core.contracts import community, external, module, router
from flask_core.datamodels import (
    Chat,
    CommandCard,
    Cooldowns,
    EventInterest,
    Invocation,
    Manifest,
    MessageType,
    RepliedTo,
    Reply,
    Role,
)
from flask_core.operations import Caller
from flask_core.testing.installation import until
from router_module_flask.answers import _span
from router_module_flask.tests.conftest import Town

MUSIC = Manifest(
    "music",
    "1",
    "interaction",
    "",
    "one",
    commands=(
        *(CommandCard(f"song {n:02}", "Play one.", f"!song {n:02}") for n in range(1, 13)),
        CommandCard(
            "skip", "Skip the song.", "!skip", aliases=("next",), role=Role.MODERATOR, or_label="dj",
            cooldowns=Cooldowns(member=10, channel=5, everywhere=2), platforms=("twitch", "console"),
        ),
        CommandCard("volume", "Set the volume.", "!volume", platforms=("discord",)),
        CommandCard("wipe", "Forget all songs.", "!wipe", role=Role.ADMIN, scope="community"),
        CommandCard("secret", "Not told.", "!secret", hidden=True),
    ),
)  # fmt: skip


@pytest_asyncio.fixture
async def musical(town: Town) -> Town:
    """A town with music in it."""
    await town.inst.fake("music").client.call("router", router.INTRODUCE, router.Introduction("music", MUSIC))
    return town


async def becomes(town: Town, user: str, role: Role) -> None:
    """Ann gives somebody a role."""
    await town.ask("!echo hello", user=user)
    member = next(run.member.id for run in town.runs if run.member.account.user_id == user)
    asked = community.SetRole(town.community_id, member, role)
    await town.portal.client.call("community", community.SET_ROLE, asked, acting=town.owner)
    await until(lambda: not any(c.member and c.member.id == member for c in fresh(town)))


def fresh(town: Town) -> list[community.Context]:
    contexts = town.router.contexts
    return [context for until_, context in contexts._kept.values() if until_ > contexts._clock()]


async def test_help_begins_somewhere_and_explains_one(musical: Town) -> None:
    musical.router.chatting.answers._public_url = "https://bot.example.com"
    assert await musical.ask("!help") == (
        "Try !echo, !song 01, !slow. !commands lists what you may use, !help <command> explains one."
        f" All of them: https://bot.example.com/c/{musical.community_id}/commands"
    )
    assert await musical.ask("!help !NEXT", user="ben") == (
        "!skip: Skip the song. For moderators or members with the label dj. On twitch and console only."
        " Once in 10 s per member, in 5 s per channel, in 2 s everywhere. Also: !next."
    )
    assert await musical.ask("!help song  01", user="cy") == (
        "!song 01: Play one. For everybody. Once in 3 s per member."
    )
    assert await musical.ask("!help skipp", user="eve") == "There is no command of that name. Did you mean !skip?"
    assert await musical.ask("!help xyzzy", user="fay") == "There is no command of that name."


async def test_commands_lists_ten_a_page_of_what_the_caller_may_use(musical: Town) -> None:
    first = await musical.ask("!commands")
    assert first.startswith("!commands, !community, !community agree, ")
    assert first.endswith("!community leave (page 1/3)")
    assert (await musical.ask("!commands 9", user="ben")).endswith("!song 11, !song 12 (page 3/3)")
    assert (await musical.ask("!commands music", user="cy")).endswith("!song 10 (page 1/2)")
    assert await musical.ask("!commands music 2", user="eve") == "!song 11, !song 12 (page 2/2)"
    assert await musical.ask("!commands chess", user="fay") == "No module called chess has commands for you here."
    assert await musical.ask("!commands one two", user="gil") == "Usage: !commands [page], !commands <module> [page]"


async def test_a_channels_broadcaster_is_not_shown_what_belongs_to_the_community(musical: Town) -> None:
    listed = await musical.ask("!commands music 2", user="caster", broadcaster=True)
    assert listed == "!song 10, !song 11, !song 12 (page 2/2)"
    await becomes(musical, "ada", Role.ADMIN)
    assert (await musical.ask("!commands music 2", user="ada")).endswith("!song 12, !wipe (page 2/2)")


async def test_a_third_partys_commands_are_written_with_their_own_sign(town: Town) -> None:
    dice = Manifest("dice", "1", "interaction", "", "", commands=(CommandCard("roll", "Roll a die.", "#roll"),))
    asked = external.ExternalModule("dice", dice, external.Webhook("https://dice.example.com/run", "x" * 40))
    await town.inst.client("marketplace").call("router", external.REGISTER, asked)
    assert (await town.ask("!commands dice")).startswith("No module called dice")
    on = router.PutEnablement(town.community_id, "dice", True)
    await town.portal.client.call("router", router.ENABLE, on, acting=town.owner)
    assert await town.ask("!commands dice", user="ben") == "#roll"
    assert await town.ask("!help rol", user="cy") == "There is no command of that name. Did you mean #roll?"
    assert (await town.ask("!help #roll", user="eve")).startswith("#roll: Roll a die.")


async def test_where_there_is_no_community_only_what_is_always_on_is_listed(town: Town) -> None:
    listed = await town.router.chatting.answers._overview.here(1, "console:1:main")
    assert {known.module for known in listed} == {"router", "community"}


async def test_ping_tells_how_quick_and_how_long(town: Town) -> None:
    assert re.fullmatch(r"Pong\. \d+ ms, up \d+ s\.", await town.ask("!ping"))
    answers = town.router.chatting.answers
    started, typed = answers._started, datetime.now(UTC)
    answers._now = lambda: started + timedelta(days=3, hours=4, minutes=5)
    assert answers.ping(answers._now() - timedelta(milliseconds=42)) == "Pong. 42 ms, up 3 d 4 h."
    assert answers.ping(typed + timedelta(days=9)).startswith("Pong. 0 ms")


@pytest.mark.parametrize(
    ("time", "said"),
    [
        (timedelta(), "0 s"),
        (timedelta(seconds=59.9), "59 s"),
        (timedelta(minutes=7), "7 m"),
        (timedelta(hours=2, seconds=5), "2 h"),
        (timedelta(days=400, hours=1, minutes=1), "400 d 1 h"),
    ],
)
def test_a_span_has_two_units_at_most(time: timedelta, said: str) -> None:
    assert _span(time) == said


@pytest.mark.promise("router.17")
async def test_why_names_permission_bucket_module_time_and_the_platforms_answer(town: Town) -> None:
    town.router.chatting.answers._public_url = "https://bot.example.com"
    event_id = await town.write("!echo hi")
    await until(lambda: town.said)
    said = await town.ask("!why", user="ben", moderator=True)
    assert re.fullmatch(
        r"!echo by Dee: understood: command !echo of echo; allowed: viewer needed; cooldown: ready;"
        r" module: echo answered, actions: 1 in \d+ ms\. Platform: chat (done|waiting)\. [\d.]+ ms\."
        rf" https://bot.example.com/c/{town.community_id}/traces/{event_id}",
        said,
    )
    assert town.said[-1].action.private


@pytest.mark.promise("router.17")
async def test_why_names_the_refusal(musical: Town) -> None:
    assert await musical.ask("!skip") == "Only moderators or members with the label dj can do that."
    said = await musical.ask("!why @dee", user="ben", moderator=True)
    assert "!skip by Dee: understood: command !skip of music; allowed: Only moderators or members" in said


@pytest.mark.promise("router.17")
@pytest.mark.promise("router.17")
async def test_why_knows_whom_a_mention_means(town: Town) -> None:
    await town.ask("!echo hi", user="U042")
    await town.ask("!echo hi", user="dee")
    assert (await town.ask("!why <@U042>", user="ben", moderator=True)).startswith("!echo by U042")
    said = await town.ask("!why <@U043>", user="bea", moderator=True)
    assert said == "Nothing recorded in the last 24 h."


async def test_why_looks_back_one_day(town: Town) -> None:
    event_id = await town.write("!echo hi")
    await until(lambda: town.said)
    town.router.chatting.answers._now = lambda: datetime.now(UTC) + timedelta(hours=25)
    assert await town.ask("!why", user="ben", moderator=True) == "Nothing recorded in the last 24 h."
    assert (await town.ask(f"!why {event_id}", user="ben", moderator=True)).startswith("!echo by Dee")
    assert await town.ask("!why console:nothing", user="bea", moderator=True) == "Nothing recorded in the last 24 h."


async def test_why_finds_every_part_of_a_long_answer(town: Town) -> None:
    await town.ask("!echo hi")
    await town.router.deliveries.settle()
    database = town.inst.services["router"].database
    await database.write(lambda tx: tx.run("UPDATE deliveries SET message_ids = ?", '["a_1","a%2"]'))
    for part, found in (("a_1", True), ("a%2", True), ("a", False), ("ax1", False)):
        said = await town.ask("!why", user="ben", moderator=True, reply_to=RepliedTo(part))
        assert said.startswith("!echo by Dee") is found


async def test_why_tells_of_what_nobody_typed(town: Town) -> None:
    greeter = town.inst.fake("greeter")
    manifest = Manifest("greeter", "1", "interaction", "", "one", events=(EventInterest(MessageType.FOLLOW),))
    await greeter.client.call("router", router.INTRODUCE, router.Introduction("greeter", manifest))

    @greeter.offers(module.EXECUTE)
    async def greet(asked: Invocation, _: Caller) -> Reply:
        return Reply((Chat("welcome"),))

    await town.happens(MessageType.FOLLOW, "finn")
    await until(lambda: town.said)
    said = await town.ask("!why", user="ben", moderator=True)
    assert re.match(r"follow by Finn: resolved: Finn is viewer here; greeter: said in \d+ ms\. Platform: chat", said)


async def test_admins_switch_modules_in_chat(musical: Town) -> None:
    await becomes(musical, "ada", Role.ADMIN)
    ask = musical.ask
    assert await ask("!module off music here", user="ada") == "music is off in this channel."
    assert await ask("!song 01") == "music is off here."
    assert await ask("!module list", user="ada") == "community on, echo on, music off, router on"
    again = await ask("!module on Music", user="ada")
    assert again == "music is on, but stays off in this channel: !module on music here"
    assert await ask("!module on music here", user="ada") == "music is on in this channel."
    assert await ask("!module off music", user="ada") == (
        "music is off, but stays on in this channel: !module off music here"
    )
    assert await ask("!module off echo", user="ada") == "echo is off."


async def test_what_cannot_be_switched_is_said(musical: Town) -> None:
    await becomes(musical, "ada", Role.ADMIN)
    ask = musical.ask
    assert await ask("!module off router", user="ada") == "router cannot be switched off."
    assert await ask("!module off chess", user="ada") == "No module is called chess."
    assert await ask("!module off music there", user="ada") == "Usage: !module off <module> [here]"
    assert await ask("!module off music", user="ben", broadcaster=True) == (
        "Only admins can do that. You are viewer here."
    )
