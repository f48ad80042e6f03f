"""Rules tried on what was written, and what they keep about people."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio

from flask_core.contracts import module, rules
from flask_core.contracts.rules import Draft
from flask_core.datamodels import Role
from flask_core.errors import InvalidInput, NotFound
from router_module_flask.models import Speaker, role_told
from router_module_flask.moderation.rules import replay
from router_module_flask.tests.conftest import Town
from router_module_flask.tests.guard import Guard


@pytest_asyncio.fixture
async def guard(town: Town) -> Guard:
    return Guard(town)


async def replayed(guard: Guard, **asked: Any) -> rules.ReplayAnswer:
    answer: rules.ReplayAnswer = await guard.ask(rules.REPLAY, rules.Replay(guard.town.community_id, **asked))
    return answer


async def test_a_draft_is_tried_on_last_nights_chat(guard: Guard) -> None:
    await guard.traced("buy Ⓢpаm now", "dee")
    await guard.traced("spam spam", "dee")
    await guard.traced("no ads please", "eve")
    await guard.traced("spam is bad", "ben", moderator=True)
    await guard.traced("spam", "otherbot", bot=True)
    draft = Draft(match="word", pattern="spam")
    answer = await replayed(guard, draft=draft)
    assert [(hit.speaker, hit.text, hit.rule) for hit in answer.items] == [
        ("Otherbot", "spam", 0), ("Dee", "spam spam", 0), ("Dee", "buy Ⓢpаm now", 0),
    ]  # fmt: skip
    assert (answer.messages, answer.hits, answer.people, answer.complete) == (5, 3, 2, True)
    everybody = await replayed(guard, draft=Draft(match="word", pattern="spam", exempt=rules.Exempt(None)))
    assert everybody.hits == 4
    assert (
        await replayed(guard, draft=Draft(match="word", pattern="spam", scope=rules.Scope(channels=("console:9:x",))))
    ).hits == 0
    spared = rules.Exempt(members=(await guard.member("dee"),))
    assert (await replayed(guard, draft=Draft(match="word", pattern="spam", exempt=spared))).people == 1
    # Nothing happens by trying.
    assert guard.acts() == []


async def test_kept_rules_are_tried_alone_or_all_that_are_on(guard: Guard) -> None:
    await guard.traced("one")
    await guard.traced("two")
    await guard.rule("one", enabled=False)
    await guard.rule("two")
    assert [hit.rule for hit in (await replayed(guard, number=1)).items] == [1]
    assert [hit.rule for hit in (await replayed(guard)).items] == [2]
    with pytest.raises(NotFound, match="No rule #9 here"):
        await replayed(guard, number=9)
    with pytest.raises(InvalidInput, match="1 to 24 hours"):
        await replayed(guard, hours=25)
    with pytest.raises(InvalidInput, match="At character 1"):
        await replayed(guard, draft=Draft(match="regex", pattern="("))


async def test_looking_back_ends_with_the_hours_and_with_what_can_be_looked_through(
    guard: Guard, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [await guard.town.write("spam") for _ in range(5)]
    for event_id in ids:
        await guard.town.recorded(event_id)
    hours_ago = datetime.now(UTC) - timedelta(hours=3)
    await guard.town.inst.services["router"].database.write(
        lambda tx: tx.run("UPDATE messages SET occurred_at = ? WHERE event_id = ?", hours_ago, ids[0])
    )
    draft = Draft(match="contains", pattern="spam")
    assert (await replayed(guard, draft=draft, hours=2)).hits == 4
    monkeypatch.setattr(replay, "_AT_ONCE", 2)
    assert (await replayed(guard, draft=draft, hours=4)).hits == 5
    monkeypatch.setattr(replay, "MOST_MESSAGES", 4)
    short = await replayed(guard, draft=draft, hours=4)
    assert (short.messages, short.hits, short.complete) == (4, 4, False)


async def test_the_role_is_read_out_of_the_trace_as_it_was_told() -> None:
    for role in Role:
        told = Speaker(None, role, "m", "Dee is owner here").described  # type: ignore[arg-type]
        assert role_told([("resolved", True, told, 0.1)]) is role
    assert role_told([]) is Role.VIEWER


async def test_a_text_is_tried_before_a_rule_is_saved(guard: Guard) -> None:
    await guard.rule("skins")
    draft = Draft(match="wildcard", pattern="free*skins")
    asked = rules.TestText(guard.town.community_id, "FREE Ⓢkins", draft)
    assert await guard.ask(rules.TEST, asked) == rules.TestAnswer((1,), "free skins", draft=True)
    asked = rules.TestText(guard.town.community_id, "skinless", draft)
    assert await guard.ask(rules.TEST, asked) == rules.TestAnswer((), "skinless", draft=False)


async def test_what_rules_hold_about_people_is_told_joined_and_forgotten(guard: Guard) -> None:
    town = guard.town
    ben, dee, joined = await guard.member("ben"), await guard.member("dee"), "member-joined"
    await town.ask('!rule add contains "x" delete', "ben", moderator=True)
    await guard.rule("y", exempt=rules.Exempt(members=(dee, "somebody")))
    people = town.inst.client("identity")

    async def about(member_id: str, person_id: str = "") -> list[dict[str, Any]]:
        answer = await people.call("router", module.EXPORT, module.PersonAccounts("r", (), (member_id,), person_id))
        return [{**row, "created_at": ""} for row in answer.tables["rules"]]

    assert await about(ben) == [{"number": 1, "pattern": "x", "created_at": ""}]
    assert await about(dee) == [{"number": 2, "exempt": True, "created_at": ""}]
    assert await about("nobody", "person-ann") == [{"number": 2, "pattern": "y", "created_at": ""}]
    for source in (ben, dee):
        merge = module.MergeMembers(f"m-{source}", town.community_id, source, joined)
        receipt = await town.inst.client("community").call("router", module.MERGE, merge)
        assert receipt.counts["rules"] == 1
    assert [row["number"] for row in await about(joined)] == [1, 2]
    erase = module.PersonAccounts("r2", (), (joined,), "person-ann")
    assert (await people.call("router", module.ERASE, erase)).counts["rules"] == 3
    assert (await people.call("router", module.ERASE, erase)).counts["rules"] == 0
    kept = await guard.ask(rules.LIST, rules.ListRules(town.community_id))
    assert [(rule.author, rule.exempt.members) for rule in kept.items] == [("", ()), ("", ("somebody",))]
    gone = await town.inst.client("community").call(
        "router", module.ERASE_COMMUNITY, module.CommunityOnly(town.community_id)
    )
    assert gone.counts["rules"] == 2
