"""What is known about people, and what is forgotten in time."""

from __future__ import annotations

from datetime import timedelta

from alias_interaction_module_flask.models import By
from alias_interaction_module_flask.personal_data import PersonalData
from alias_interaction_module_flask.tests.conftest import World
from flask_core.contracts.module import MergeMembers, PersonAccounts
from flask_core.datamodels import Role

DEE = PersonAccounts("request-1", member_ids=("member-dee",))


async def test_who_made_a_command_is_told_joined_and_erased(world: World) -> None:
    people = PersonalData(world.database)
    await world.say("!cmd add hug Hello")
    await world.say("!cmd edit hug Bye", user="ben")
    told = (await people.export(DEE)).tables
    assert [row["name"] for row in told["commands"]] == ["hug"]
    assert [(row["name"], row["did"]) for row in told["command_history"]] == [("hug", "add")]
    joined = MergeMembers("merge-1", 2, source="member-dee", target="member-dora")
    assert (await people.merge(joined)).counts == {"commands": 1, "command_history": 1}
    assert (await people.merge(joined)).counts == {"commands": 0, "command_history": 0}
    assert (await people.unmerge(joined)).counts == {}
    dora = PersonAccounts("request-2", member_ids=("member-dora",))
    assert (await people.erase(dora)).counts == {"commands": 1, "command_history": 1, "audit": 0}
    assert (await people.export(dora)).tables == {"commands": [], "command_history": [], "audit": []}
    assert await world.runs("hug") == "Bye"


async def test_somebody_of_the_portal_who_is_no_member_yet_is_known_by_the_person(world: World) -> None:
    entries = world.parts.alias.entries
    wish = await entries.wish(2, "text", "hug", "Hello")
    await entries.add(2, wish, By("person-ann", "Ann", Role.OWNER))
    people, ann = PersonalData(world.database), PersonAccounts("request-3", person_id="person-ann")
    assert [row["name"] for row in (await people.export(ann)).tables["commands"]] == ["hug"]
    assert (await people.erase(ann)).counts["commands"] == 2
    assert (await entries.named(2, "hug")).created_name == "deleted member"


async def test_a_community_that_ended_leaves_nothing(world: World) -> None:
    await world.say("!cmd add hug Hello $(count)")
    await world.runs("hug")
    await world.in_community(3).say("!cmd add hug Theirs", role="moderator")
    counts = (await PersonalData(world.database).erase_community(2)).counts
    assert (counts["commands"], counts["counters"], counts["index_pushes"]) == (1, 1, 1)
    left = await world.database.read(
        lambda tx: [
            tx.value(f"SELECT count(*) FROM {name}") for name in ("commands", "command_history", "command_uses")
        ]
    )
    assert left == [1, 1, 0]


async def test_the_bin_the_history_and_old_days_are_forgotten(world: World) -> None:
    await world.say("!cmd add hug Hello")
    await world.say("!cmd add wave Hello")
    await world.runs("wave")
    await world.say("!cmd remove hug")
    world.later(days=29)
    await world.parts.sweeper.sweep()
    assert await world.say("!cmd restore hug") == "!hug is back."
    await world.say("!cmd remove hug")
    world.now += timedelta(days=31)
    await world.parts.sweeper.sweep()
    assert await world.say("!cmd restore hug") == "There is no !hug in the bin."
    assert "used 1×" in await world.say("!cmd show wave")
    world.later(days=400)
    await world.parts.sweeper.sweep()
    assert "used 0×" in await world.say("!cmd show wave")
    wave = await world.parts.alias.entries.named(2, "wave")
    assert await world.parts.alias.entries.repository.history(wave.id) == []
