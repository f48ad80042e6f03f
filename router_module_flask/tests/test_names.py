"""Commands that one community has for itself, words that several modules offer, and words that are gone."""

from __future__ import annotations

import msgspec
import pytest

from flask_core.contracts import commands as contract
from flask_core.contracts import names, router
from flask_core.contracts.module import EXECUTE
from flask_core.contracts.names import DynamicCommand, DynamicCommands
from flask_core.datamodels import CommandCard, Cooldowns, Invocation, Manifest, Platform, Reply, Role, RunCommand
from flask_core.errors import Conflict, Forbidden, InvalidInput, NotFound, Stale
from flask_core.operations import Caller
from router_module_flask.names.own import CommunityNames, OwnCommand
from router_module_flask.tests.conftest import Town
from router_module_flask.tests.fakes import CHANNEL, MEMORIES, World

_FREE = Cooldowns()


def own(world: World, *commands: DynamicCommand) -> None:
    world.names.community = CommunityNames({c.name: OwnCommand.of("alias", c) for c in commands})
    world.directory.forget_names(None)


async def test_a_name_of_the_community_reaches_its_module_with_everything_behind_it() -> None:
    world = World()
    own(world, DynamicCommand("hug"), DynamicCommand("🐧", cooldowns=_FREE))
    assert await world.say('!HUG @ann "and ben"') == "ran hug"
    assert await world.say("!🐧") == "ran 🐧"
    module, invocation = world.modules.asked[0]
    assert (module, invocation.arguments) == ("alias", {"words": '@ann "and ben"'})
    assert await world.say("#hug") == ""


async def test_the_names_are_read_once_and_then_remembered() -> None:
    world = World()
    for _ in range(3):
        await world.say("hello")
    assert world.names.read == 1
    world.now += 61
    await world.say("hello")
    assert world.names.read == 2


async def test_a_built_in_name_keeps_its_meaning() -> None:
    world = World()
    own(world, DynamicCommand("quote"), DynamicCommand("reset"))
    await world.say("!quote 3")
    assert world.modules.asked[0][0] == "memories"
    assert await world.say("!reset") == "Only admins can do that. You are viewer here."


@pytest.mark.parametrize(
    ("command", "live", "answers"),
    [
        (DynamicCommand("hug", platforms=(Platform.TWITCH,)), None, False),
        (DynamicCommand("hug", platforms=(Platform.CONSOLE,)), None, True),
        (DynamicCommand("hug", channels=("console:2:other",)), None, False),
        (DynamicCommand("hug", channels=(CHANNEL,)), None, True),
        (DynamicCommand("hug", when="offline"), True, False),
        (DynamicCommand("hug", when="offline"), False, True),
        (DynamicCommand("hug", when="online"), False, False),
        (DynamicCommand("hug", when="online"), None, True),
    ],
)
async def test_a_name_that_is_for_elsewhere_or_another_time_is_silent(
    command: DynamicCommand, live: bool | None, answers: bool
) -> None:
    world = World()
    world.contexts.settings = {} if live is None else {"live": live}
    own(world, msgspec.structs.replace(command, role=Role.VIEWER, cooldowns=_FREE))
    assert (await world.say("!hug") == "ran hug") is answers
    assert answers or world.outcome == "refused"


async def test_a_name_needs_its_role_and_waits_for_its_cooldown() -> None:
    world = World()
    own(world, DynamicCommand("hug", role=Role.MODERATOR), DynamicCommand("wave", cooldowns=Cooldowns(channel=5)))
    assert await world.say("!hug") == "Only moderators can do that. You are viewer here."
    assert await world.say("!wave") == "ran wave"
    assert await world.say("!wave", user="ben") == "Ready in 5 s."


async def test_names_may_lead_to_each_other() -> None:
    world = World()
    own(world, DynamicCommand("w"), DynamicCommand("weather"))
    world.directory.take(ALIAS)

    def answer(invocation: Invocation) -> Reply:
        return Reply((RunCommand("!weather here"),)) if invocation.command == "w" else Reply.chat("Snow.")

    world.modules.answer = answer
    assert await world.say("!w") == "Snow."


async def test_words_that_a_module_does_not_declare_any_more_fade_for_a_minute() -> None:
    world = World()
    world.directory.take(msgspec.structs.replace(MEMORIES, commands=MEMORIES.commands[:1]))
    assert await world.say("!so") == "ran so"
    world.now += 61
    assert await world.say("!so") == ""
    # Nobody has to wait for them to be gone.
    card = CommandCard("reset", "Another reset.", "!reset", cooldowns=_FREE)
    world.directory.take(Manifest("other", "1", "interaction", "", "one", commands=(card,)))
    await world.say("!reset")
    assert world.modules.asked[-1][0] == "other"


SR = CommandCard("sr", "Ask for a song.", "!sr", cooldowns=_FREE, group="song_request")


def player(name: str, *more: CommandCard) -> Manifest:
    return Manifest(name, "1", "interaction", "http://127.0.0.1:1", "one", commands=(SR, *more))


async def test_only_modules_of_one_group_offer_the_same_words() -> None:
    world = World()
    world.directory.take(player("alpha"))
    world.directory.take(player("beta", CommandCard("skip", "Skip it.", "!skip", group="song_request")))
    alone = msgspec.structs.replace(SR, group="")
    with pytest.raises(Conflict, match="belongs to the module"):
        world.directory.take(Manifest("gamma", "1", "interaction", "", "one", commands=(alone,)))
    await world.say("!sr")
    assert world.modules.asked[-1][0] == "alpha"


async def test_of_a_group_the_one_that_is_on_answers_until_the_community_chooses() -> None:
    world = World()
    world.directory.take(player("alpha"))
    world.directory.take(player("beta", CommandCard("skip", "Skip it.", "!skip", group="song_request")))
    world.customs.states[("alpha", "")] = False
    await world.say("!sr")
    world.customs.states.clear()
    world.names.community = CommunityNames(chosen={"song_request": "alpha"})
    world.directory.forget_names(None)
    await world.say("!sr")
    await world.say("!skip")
    assert [module for module, _ in world.modules.asked] == ["beta", "alpha", "beta"]
    world.names.community = CommunityNames(chosen={"song_request": ""})
    world.directory.forget_names(None)
    assert await world.say("!sr") == ""


ALIAS = Manifest("alias", "1", "interaction", "http://127.0.0.1:1", "one", may_dispatch=True)


def pushed(town: Town, version: int, *words: str) -> DynamicCommands:
    return DynamicCommands(town.community_id, version, tuple(DynamicCommand(word, cooldowns=_FREE) for word in words))


def play(town: Town, name: str) -> list[tuple[str, str]]:
    """A module that answers with its name; the list tells which groups it was given and lost."""
    player, told = town.inst.fake(name), []

    @player.offers(EXECUTE)
    async def execute(asked: Invocation, _: Caller) -> Reply:
        return Reply.chat(f"{name} ran {asked.command}")

    @player.offers(names.ACTIVATE)
    async def activate(asked: names.Activation, _: Caller) -> None:
        told.append(("on", asked.group))

    @player.offers(names.DEACTIVATE)
    async def deactivate(asked: names.Activation, _: Caller) -> None:
        told.append(("off", asked.group))

    return told


async def test_a_set_is_live_at_once_and_replaces_the_one_before(town: Town) -> None:
    play(town, "alias")
    alias = town.inst.client("alias")
    await alias.call("router", router.INTRODUCE, router.Introduction("alias", ALIAS))
    await town.recorded(await town.write("!hug"))
    state = await alias.call("router", names.PUT_DYNAMIC, pushed(town, 1, "hug", "echo", "wave"))
    assert state == names.DynamicState(1, taken=("echo",))
    assert await town.ask("!hug") == "alias ran hug"
    assert await town.ask("!echo") == "Dee said !echo"
    await alias.call("router", names.PUT_DYNAMIC, pushed(town, 2, "wave"))
    silent = await town.recorded(await town.write("!hug"))
    assert silent.outcome == "plain"
    listed = await town.portal.client.call("router", router.COMMANDS, router.ListCommands(town.community_id, q="wave"))
    assert [(known.module, known.card.path) for known in listed.items] == [("alias", "wave")]


async def test_an_older_set_is_stale_and_the_same_one_may_be_said_twice(town: Town) -> None:
    alias = town.inst.client("alias")
    await alias.call("router", names.PUT_DYNAMIC, pushed(town, 5, "hug"))
    await alias.call("router", names.PUT_DYNAMIC, pushed(town, 5, "hug"))
    with pytest.raises(Stale) as refused:
        await alias.call("router", names.PUT_DYNAMIC, pushed(town, 4, "wave"))
    assert refused.value.details["current"] == {"version": 5}


async def test_only_alias_pushes_names(town: Town) -> None:
    with pytest.raises(Forbidden):
        await town.inst.client("ai").call("router", names.PUT_DYNAMIC, pushed(town, 1, "hug"))


@pytest.mark.parametrize("name", ["", "Hug", "two words", "x" * 51, "tab\t", "héllo\u200b", "a/b", "$x", "ｈug"])
async def test_a_name_that_nobody_could_type_is_refused(town: Town, name: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        await town.inst.client("alias").call("router", names.PUT_DYNAMIC, pushed(town, 1, "hug", name))
    assert refused.value.details["field"] == "items[1].name"


async def test_choosing_tells_both_modules_and_changes_who_answers(town: Town) -> None:
    alpha, beta = play(town, "alpha"), play(town, "beta")
    for name in ("alpha", "beta"):
        await town.inst.client(name).call("router", router.INTRODUCE, router.Introduction(name, player(name)))
    assert await town.ask("!sr") == "alpha ran sr"
    asked = names.ChooseModule(town.community_id, "song_request", "beta")
    group = await town.portal.client.call("router", names.CHOOSE, asked, acting=town.owner)
    assert group == names.Group("song_request", "beta", ("alpha", "beta"), ("sr",))
    assert await town.ask("!sr") == "beta ran sr"
    assert (alpha, beta) == ([("off", "song_request")], [("on", "song_request")])
    nobody = msgspec.structs.replace(asked, module="gamma")
    with pytest.raises(InvalidInput, match="alpha, beta"):
        await town.portal.client.call("router", names.CHOOSE, nobody, acting=town.owner)
    other = msgspec.structs.replace(asked, group="nothing")
    with pytest.raises(NotFound):
        await town.portal.client.call("router", names.CHOOSE, other, acting=town.owner)


async def test_a_module_that_is_away_can_be_chosen(town: Town) -> None:
    play(town, "alpha")
    for name in ("alpha", "beta"):
        await town.inst.client(name).call("router", router.INTRODUCE, router.Introduction(name, player(name)))
    asked = names.ChooseModule(town.community_id, "song_request", "beta")
    await town.portal.client.call("router", names.CHOOSE, asked, acting=town.owner)
    assert await town.ask("!sr") == "The beta module is not answering right now."
    await town.portal.client.call("router", names.CHOOSE, msgspec.structs.replace(asked, module=""), acting=town.owner)
    listed = await town.portal.client.call(
        "router", names.GROUPS, names.CommunityId(town.community_id), acting=town.owner
    )
    assert [group.module for group in listed.items] == [""]
    assert (await town.recorded(await town.write("!sr"))).outcome == "plain"


async def test_alias_hears_which_words_are_taken_and_which_sets_are_here(town: Town) -> None:
    play(town, "alias")
    alias = town.inst.client("alias")
    await town.recorded(await town.write("hello"))
    changed = contract.PutCommand(town.community_id, "!slow", contract.CommandChoice(rename="lento"), 0)
    await town.portal.client.call("router", contract.PUT_COMMAND, changed, acting=town.owner)
    taken = contract.PutCommand(town.community_id, "!echo", contract.CommandChoice(rename="wave"), 0)
    await alias.call("router", names.PUT_DYNAMIC, pushed(town, 6, "wave"))
    with pytest.raises(Conflict, match="of this community's own"):
        await town.portal.client.call("router", contract.PUT_COMMAND, taken, acting=town.owner)
    asked = names.NamesAsked(town.community_id, ("echo", "slow", "lento", "hug", "help"))
    taken = await alias.call("router", names.CHECK_NAMES, asked)
    assert taken.taken == {"echo": "echo", "slow": "echo", "lento": "echo", "help": "router"}
    await alias.call("router", names.PUT_DYNAMIC, pushed(town, 7, "hug"))
    known = await alias.call("router", names.DYNAMIC_VERSIONS, names.Nothing())
    assert known.versions == {town.community_id: 7}
    with pytest.raises(InvalidInput):
        await alias.call("router", names.CHECK_NAMES, names.NamesAsked(2, ("x",) * 2_001))
