"""What is given out, erased and joined when a person asks for it, leaves, or links accounts."""

from __future__ import annotations

import pytest

from flask_core.contracts import memories, module
from flask_core.datamodels import Account, RepliedTo
from memories_interaction_module_flask.personal_data import PersonalData
from memories_interaction_module_flask.tests.conftest import World
from memories_interaction_module_flask.tests.desk import OTTERS, PENGUINS, Desk, quote

MOD = {"role": "moderator", "user": "ben"}
DEE = module.PersonAccounts("r1", (("twitch", "77"),), ("member-dee",), "person-dee")


def keeper(world: World) -> PersonalData:
    return PersonalData(world.database, world.memories.reminding.reminders)


async def votes_of(world: World) -> list[int]:
    return [(await world.memories.entries.show(PENGUINS, "quote", number)).votes for number in (1, 2)]


async def filled(world: World) -> None:
    """Dee wrote one of two quotes, voted for the other, was quoted, and has reminders."""
    chat = world.chat
    await chat.say("!quote add ship it", **MOD)
    await chat.say("!quote add works here", labels=("memories",), user="dee")
    said = RepliedTo("m1", Account("77", "dee", "Dee"), "it depends")
    await chat.say("!quote add", reply_to=said, channel="twitch:1:1", **MOD)
    for user in ("dee", "eve", "cy"):
        await chat.say("!quote vote 1 up", user=user)
    await chat.say("!quote vote 2 down", user="eve")
    await chat.say("!remind me in 2h tea", user="dee")
    await chat.say("!remind me in 2h buy the ring privately", user="dee")
    await chat.say("!remind me in 2h coffee", user="eve")


@pytest.mark.promise("memories.21")
async def test_erasing_takes_reminders_and_votes_and_the_sums_stay_right(world: World) -> None:
    await filled(world)
    receipt = await keeper(world).erase(DEE)
    assert receipt.counts == {"memory_votes": 1, "reminders": 2, "memories": 1}
    assert await votes_of(world) == [2, -1]
    assert await world.chat.say("!reminders", user="dee") == "Nothing waits. Try: !remind me in 2h check the oven"
    assert "coffee" in await world.chat.say("!reminders", user="eve")
    await world.time_passes(hours=2)
    assert world.router.said == ["@eve, you wanted to be reminded: coffee"]


@pytest.mark.promise("memories.21")
async def test_what_was_written_stays_without_the_name(world: World) -> None:
    await filled(world)
    await world.chat.say("!quote edit 2 works here too", **MOD)
    receipt = await keeper(world).erase(DEE)
    written = await world.memories.entries.show(PENGUINS, "quote", 2)
    assert (written.content, written.created_by, written.created_name) == ("works here too", "", "deleted member")
    quoted = await world.memories.entries.show(PENGUINS, "quote", 3)
    assert (quoted.content, quoted.author, quoted.author_account) == ("it depends", "Dee", "")
    assert receipt.kept["quotes of you"].startswith("#3 in community 2: ")
    again = await keeper(world).erase(DEE)
    assert again.counts == {"memory_votes": 0, "reminders": 0, "memories": 0}
    assert "quotes of you" not in again.kept


async def test_people_get_what_is_theirs_private_texts_included(world: World) -> None:
    await filled(world)
    tables = (await keeper(world).export(DEE)).tables
    assert [row["content"] for row in tables["memories"]] == ["works here"]
    assert [(row["entry"], row["value"]) for row in tables["memory_votes"]] == [("#1", 1)]
    assert [row["text"] for row in tables["reminders"]] == ["tea", "buy the ring"]


async def test_of_two_votes_the_newer_stays_when_members_become_one(world: World) -> None:
    await filled(world)
    world.later(minutes=1)
    await world.chat.say("!quote vote 1 down", user="dee-on-discord")
    await world.chat.say("!quote vote 2 up", user="dee-on-discord")
    merge = module.MergeMembers("m1", PENGUINS, "member-dee-on-discord", "member-dee")
    receipt = await keeper(world).merge(merge)
    assert receipt.counts["memory_votes"] == 2
    assert await votes_of(world) == [1, 0]
    assert (await keeper(world).merge(merge)).counts["memory_votes"] == 0
    assert await votes_of(world) == [1, 0]
    back = module.MergeMembers("m2", PENGUINS, "member-dee", "member-eve")
    assert (await keeper(world).merge(back)).counts["reminders"] == 2
    assert await votes_of(world) == [0, 1]


async def test_votes_of_the_same_moment_do_not_stop_a_merge(world: World) -> None:
    await filled(world)
    await keeper(world).merge(module.MergeMembers("m1", PENGUINS, "member-cy", "member-eve"))
    assert await votes_of(world) == [2, -1]


async def test_a_community_that_ended_is_gone_and_others_are_not(desk: Desk) -> None:
    await desk.ask(memories.ADD, quote("ship it"))
    await desk.ask(memories.ADD, memories.AddEntry(OTTERS, "quote", "eat fish"))
    await desk.ask(memories.VOTE, memories.Vote(PENGUINS, "quote", 1, 1), "eve")
    receipt = await desk.call("community", module.ERASE_COMMUNITY, module.CommunityOnly(PENGUINS))
    assert receipt.counts["memories"] == 1
    assert (await desk.ask(memories.LIST, memories.ListEntries(PENGUINS))).total == 0
    assert (await desk.ask(memories.LIST, memories.ListEntries(OTTERS))).total == 1
    assert (await desk.ask(memories.ADD, quote("ship it"))).label == "#1"


async def test_identity_and_community_reach_all_of_it(desk: Desk) -> None:
    await desk.ask(memories.ADD, quote("ship it"))
    ann = module.PersonAccounts("r1", (), ("member-ann",), "person-ann")
    assert len((await desk.call("identity", module.EXPORT, ann)).tables["memories"]) == 1
    merge = module.MergeMembers("m1", PENGUINS, "member-ann", "member-eve")
    assert (await desk.call("community", module.MERGE, merge)).counts["memories"] == 1
    assert (await desk.call("community", module.UNMERGE, merge)).counts == {}
    assert (await desk.call("identity", module.ERASE, ann)).counts["memories"] == 0
