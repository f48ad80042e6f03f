"""What the portal and other modules ask, and who may."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from ai_interaction_module_flask.tests.pond import Pond, words
from flask_core.contracts import ai, community, memories, module
from flask_core.contracts.module import MergeMembers, PersonAccounts
from flask_core.datamodels import Role
from flask_core.errors import Forbidden, NotFound, ServiceError, TooMany
from flask_core.operations import Acting
from flask_core.testing.fake_openai import Failure

QUOTE = memories.Entry("quote", 12, "#12", content="Ship it on Friday", author="Grace")
LINK = memories.Entry("link", 4, "L4", title="Schedule", url="https://schedule.example/week")


@pytest.mark.promise("ai.14")
async def test_an_answer_names_the_memories_that_it_used(pond: Pond) -> None:
    pond.remember(QUOTE, LINK)
    pond.model.says = lambda _: "On Friday [#12], see https://schedule.example/week [L4] [#999]."
    assert await pond.run("when do we ship?") == ("> On Friday, see https://schedule.example/week. (from #12, L4)")
    assert "[#12] Ship it on Friday – by Grace" in pond.model.questions()[0]
    assert await pond.run("", command="ai sources") == "I used #12, L4."
    assert (
        await pond.run("", "eve", command="ai sources")
        == "There is no answer of mine for you here in the last 30 minutes."
    )
    (row,) = (await pond.as_person(ai.ANSWERS, ai.AnswersOf(pond.here))).items
    assert row.sources == ("#12", "L4")
    # What is gone is used no more, and its link is a stranger's again.
    pond.remember()
    assert await pond.run("when do we ship?", "eve") == "> On Friday, see."
    assert "Ship it" not in pond.model.questions()[1]


async def test_memories_that_are_away_or_unwanted_cost_no_answer(pond: Pond) -> None:
    pond.remember(QUOTE)
    pond.memories_away = True
    assert await pond.run("when?") == "> Penguins waddle."
    pond.memories_away = False
    await pond.choose(use_memories=False)
    assert await pond.run("when?", "eve") == "> Penguins waddle."
    assert all("Ship it" not in question for question in pond.model.questions())


def acting(pond: Pond, name: str, role: Role, community_id: int = 0) -> Acting:
    return Acting(f"person-{name}", datetime.now(UTC), community_id or pond.here, role, name=name)


@pytest.mark.promise("ai.17")
async def test_settings_are_for_admins_of_this_community(pond: Pond) -> None:
    put = ai.PutConfig(pond.here, {"temperature": 1}, 0)
    moderator = acting(pond, "ann", Role.MODERATOR)
    with pytest.raises(Forbidden):
        await pond.as_person(ai.PUT_CONFIG, put, moderator)
    for operation in (ai.CONFIG, ai.PROVIDERS):
        with pytest.raises(Forbidden):
            await pond.as_person(operation, ai.OfCommunity(pond.here), moderator)
    assert (await pond.as_person(ai.STATUS, ai.OfCommunity(pond.here), moderator)).state == "ready"
    asked = community.CreateCommunity("Otters")
    otters = await pond.inst.client("portal").call(
        "community", community.CREATE, asked, acting=acting(pond, "bob", Role.OWNER, 1)
    )
    with pytest.raises(NotFound):
        await pond.as_person(ai.PUT_CONFIG, put, acting(pond, "bob", Role.OWNER, otters.id))
    with pytest.raises(ServiceError) as refused:
        await pond.as_person(ai.USAGE, ai.UsageOf(pond.here), acting(pond, "dee", Role.VIEWER))
    assert refused.value.status in (403, 404)


async def test_usage_and_answers_tell_no_words(pond: Pond) -> None:
    for _ in range(3):
        await pond.run("my secret is herring")
    pond.model.failures = [Failure(500)]
    await pond.run("my secret is krill", "eve")
    usage = await pond.as_person(ai.USAGE, ai.UsageOf(pond.here))
    assert [(row.kind, row.answers, row.failed) for row in usage.rows] == [("ask", 3, 1)]
    assert [(one.name, one.answers) for one in usage.top] == [("Dee", 3)]
    assert 0 <= usage.p50 <= usage.p95
    answers = await pond.as_person(ai.ANSWERS, ai.AnswersOf(pond.here, member="member-eve"))
    assert [(one.name, one.outcome, one.reason) for one in answers.items] == [
        ("Eve", "failed", "500 Internal Server Error")
    ]
    assert "secret" not in str(usage) + str(answers)
    assert (await pond.as_person(ai.USAGE, ai.UsageOf(pond.here, until="2020-01-01"))).rows == ()


async def test_custom_commands_may_ask_three_times_a_minute(pond: Pond) -> None:
    asked = ai.AskForCommand(pond.here, "exec-1", pond.town.channel, "member-dee", "Dee", "a joke about fish")
    alias = pond.inst.client("alias")
    for _ in range(3):
        assert (await alias.call("ai", ai.VARIABLE, asked)).text == "Penguins waddle."
    with pytest.raises(TooMany, match="Ready in"):
        await alias.call("ai", ai.VARIABLE, asked)
    assert len(pond.model.asked) == 3
    with pytest.raises(Forbidden):
        await pond.inst.client("labels").call("ai", ai.VARIABLE, asked)


async def test_people_see_and_forget_their_own_conversations(pond: Pond) -> None:
    pond.town.people["ann"] = "person-ann"
    await pond.ask("!ai my secret is herring", "ann")
    mine = await pond.as_person(ai.CONVERSATION, ai.OfCommunity(pond.here))
    assert [(one.channel, one.question, one.answer) for one in mine.turns] == [
        (pond.town.channel, "my secret is herring", "Penguins waddle.")
    ]
    await pond.as_person(ai.FORGET, ai.OfCommunity(pond.here))
    assert (await pond.as_person(ai.CONVERSATION, ai.OfCommunity(pond.here))).turns == ()


async def test_what_the_router_did_not_hear_is_told_again(pond: Pond) -> None:
    router = pond.inst.runtime.modules.pop("router")
    now = await pond.as_person(ai.CONFIG, ai.OfCommunity(pond.here))
    document = {**now.document, "triggers": {"greeting": True}}
    await pond.as_person(ai.PUT_CONFIG, ai.PutConfig(pond.here, document, now.version))
    await pond.parts.wishing.step()
    pond.inst.runtime.modules["router"] = router
    assert await pond.silent("hi all")
    await pond.parts.wishing.step()
    assert await pond.ask("hi all") == "> Penguins waddle."


async def talked(pond: Pond, user: str) -> Any:
    return words(await pond.execute(pond.invocation("I like herring", user)))


@pytest.mark.promise("ai.21")
async def test_a_person_is_told_everything_and_erased(pond: Pond) -> None:
    await talked(pond, "dee")
    await talked(pond, "eve")
    identity = pond.inst.client("identity")
    asked = PersonAccounts("request-1", member_ids=("member-dee",))
    told = (await identity.call("ai", module.EXPORT, asked)).tables
    assert [(row["community"], row["answers"]) for row in told["usage"]] == [(pond.here, 1)]
    assert [(row["kind"], row["outcome"]) for row in told["answers"]] == [("ask", "said")]
    assert [(row["question"], row["answer"]) for row in told["conversations"]] == [
        ("I like herring", "Penguins waddle.")
    ]
    first = await identity.call("ai", module.ERASE, asked)
    assert first.counts == {"ai_member_usage": 1, "ai_answers": 1, "ai_jobs": 0, "conversations": 1, "audit": 0}
    second = await identity.call("ai", module.ERASE, asked)
    assert set(second.counts.values()) == {0}
    left = (await identity.call("ai", module.EXPORT, asked)).tables
    assert left == {"usage": [], "answers": [], "conversations": [], "audit": []}
    await talked(pond, "dee")
    assert len(pond.model.asked[2]["messages"]) == 2
    eve = PersonAccounts("request-2", member_ids=("member-eve",))
    assert len((await identity.call("ai", module.EXPORT, eve)).tables["conversations"]) == 1


async def test_joined_members_share_one_count(pond: Pond) -> None:
    await talked(pond, "dee")
    await talked(pond, "eve")
    joined = MergeMembers("merge-1", pond.here, source="member-eve", target="member-dee")
    people = pond.inst.client("community")
    assert (await people.call("ai", module.MERGE, joined)).counts == {"ai_member_usage": 1, "ai_answers": 1}
    assert (await people.call("ai", module.MERGE, joined)).counts == {"ai_member_usage": 0, "ai_answers": 0}
    asked = PersonAccounts("request-1", member_ids=("member-dee",))
    told = (await pond.inst.client("identity").call("ai", module.EXPORT, asked)).tables
    assert [row["answers"] for row in told["usage"]] == [2]
    await people.call("ai", module.ERASE_COMMUNITY, module.CommunityOnly(pond.here))
    told = (await pond.inst.client("identity").call("ai", module.EXPORT, asked)).tables
    assert (told["usage"], told["answers"]) == ([], [])
