"""Moderation rules from the chat's side: who writes them, what they see and what follows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
import pytest_asyncio

from flask_core.contracts import community, router, rules
from flask_core.contracts.rules import Draft
from flask_core.datamodels import MessageType, Role
from flask_core.errors import Forbidden, InvalidInput, LimitReached, NotFound, Stale
from flask_core.operations import Acting
from flask_core.testing.installation import until
from router_module_flask.tests.conftest import Town
from router_module_flask.tests.guard import Guard


@pytest_asyncio.fixture
async def guard(town: Town) -> Guard:
    return Guard(town)


async def test_a_moderator_keeps_rules_from_chat(guard: Guard) -> None:
    town = guard.town
    mod = {"user": "ben", "moderator": True}
    assert (
        await town.ask("!rule list", **mod)
        == 'No rules here yet. For example: !rule add contains "free followers" delete'
    )
    said = await town.ask('!rule add contains "free skins" timeout 10m', **mod)
    assert said == "Rule #1 saved as dry run. Switch on: !rule live 1"
    assert await town.ask('!rule test "get FREE SKINS here"', **mod) == "Matches #1."
    assert await town.ask('!rule test "good evening"', **mod) == "No rule matches that."
    assert guard.steps(await guard.traced("free skins!")) == ["rule #1: dry run, would: timeout 10m"]
    assert guard.acts() == []
    assert await town.ask("!rule live 1", **mod) == "Rule #1 is live."
    assert guard.steps(await guard.traced("free skins!")) == ["rule #1: matched: timeout 10m"]
    (act,) = await until(guard.acts)
    assert (act.operation, act.target, act.seconds, act.reason) == ("timeout", "dee", 600, "Rule #1")
    await town.router.rules.book.flush()
    assert await town.ask("!rule list", **mod) == "#1 contains “free skins” → timeout 10m (live), 2×"
    assert await town.ask("!rule off 1", **mod) == "Rule #1 is off."
    assert guard.steps(await guard.traced("free skins!")) == []
    assert await town.ask("!rule on 1", **mod) == "Rule #1 is live."
    assert await town.ask("!rule remove 1", **mod) == "Rule #1 is removed."
    assert await town.ask("!rule off 1", **mod) == "No rule #1 here."


REFUSED_IN_CHAT = {
    '!rule add regex "a(?=b)" delete':
        "At character 2: this kind of group (look-around, named reference) is not supported.",
    '!rule add contains "x" timeout soon': "Say how long: 30s, 10m, 2h or 7d.",
    '!rule add contains "x" timeout 15d': "A timeout lasts 1 second to 14 days.",
    "!rule add contains free skins delete": 'Usage: !rule add exact|contains|word|regex|wildcard "<pattern>"'
    " warn|delete|timeout|ban|block|command [what]",
    '!rule add contains "x" ban now': "Ban takes nothing behind it. Put a pattern with spaces into quotes.",
    '!rule add contains "x" command echo': "A command line begins with ! or # and has at most 500 characters.",
    "!rule live 9": "No rule #9 here.",
}  # fmt: skip


async def test_refusals_say_what_to_do(town: Town) -> None:
    replies = {line: await town.ask(line, f"ben{n}", moderator=True) for n, line in enumerate(REFUSED_IN_CHAT)}
    assert replies == REFUSED_IN_CHAT


async def test_viewers_keep_no_rules(town: Town) -> None:
    assert "Only moderators can do that." in await town.ask("!rule list")


@pytest.mark.promise("router.6")
async def test_a_rule_sees_what_stands_behind_a_command_and_in_an_edited_message(guard: Guard) -> None:
    await guard.rule("badword", rules.Delete(), rules.Block())
    blocked = await guard.traced("!echo badword")
    assert (blocked.outcome, guard.town.runs) == ("blocked", [])
    edited = guard.town.event("!echo fine and badword")
    edited.data["edited"] = True
    await guard.town.portal.client.call("router", router.INGEST, router.batch_of([edited]))
    trace = await guard.town.recorded(edited.event_id)
    assert guard.steps(trace) == ["rule #1: matched: delete, block"]
    acts = await until(lambda: guard.acts() if len(guard.acts()) == 2 else None)
    assert [act.operation for act in acts] == ["delete", "delete"]
    assert acts[1].message_id == edited.data["message_id"]
    harmless = guard.town.event("!echo hello")
    harmless.data["edited"] = True
    await guard.town.portal.client.call("router", router.INGEST, router.batch_of([harmless]))
    assert (await guard.town.recorded(harmless.event_id)).outcome == "edited"
    assert guard.town.runs == []


async def test_a_match_without_block_lets_the_command_run(guard: Guard) -> None:
    await guard.rule("badword", rules.Warn("Mind your words."))
    await guard.town.write("!echo badword")
    assert [act.reason for act in await until(guard.acts)] == ["Mind your words."]
    assert [run.text for run in await until(lambda: guard.town.runs)] == ["!echo badword"]


async def test_priority_and_stop_decide_who_acts(guard: Guard) -> None:
    await guard.rule("spam", rules.Warn("late"), priority=500)
    await guard.rule("spam", rules.Delete(), priority=10, stop=False)
    await guard.rule("spam", rules.Timeout(60), priority=20)
    assert guard.steps(await guard.traced("spam")) == ["rule #2: matched: delete", "rule #3: matched: timeout 1m"]


async def test_scope_exemptions_and_end_narrow_a_rule(guard: Guard) -> None:
    town = guard.town
    await guard.rule("one", exempt=rules.Exempt(Role.VIP))
    assert guard.steps(await guard.traced("one", "vi", vip=True)) == []
    assert guard.steps(await guard.traced("one", "su", subscriber=True)) == ["rule #1: matched: delete"]
    await guard.rule("two", exempt=rules.Exempt(None))
    assert guard.steps(await guard.traced("two", "ben", moderator=True)) == ["rule #2: matched: delete"]
    await guard.rule("three", scope=rules.Scope(platforms=("twitch",)))  # type: ignore[arg-type]
    await guard.rule("four", scope=rules.Scope(channels=("console:9:other",)))
    await guard.rule("five", scope=rules.Scope(message_types=(MessageType.CHEER,)))
    await guard.rule("six", expires_at=datetime.now(UTC) + timedelta(hours=1))
    assert guard.steps(await guard.traced("three four five")) == []
    assert guard.steps(await guard.traced("six")) == ["rule #6: matched: delete"]
    cheer = await town.happens(MessageType.CHEER, text="five")
    assert guard.steps(await town.recorded(cheer)) == ["rule #5: matched: delete"]
    aged = "UPDATE rules SET expires_at = ? WHERE number = 6"
    await town.inst.services["router"].database.write(lambda tx: tx.run(aged, datetime.now(UTC)))
    town.router.rules.book.changed(town.community_id)
    assert guard.steps(await guard.traced("six")) == []


async def test_members_are_exempt(guard: Guard) -> None:
    await guard.rule("spam", exempt=rules.Exempt(members=(await guard.member("gus"),)))
    assert guard.steps(await guard.traced("spam", "gus")) == []
    assert guard.steps(await guard.traced("spam", "hal")) == ["rule #1: matched: delete"]


async def test_own_lines_are_dropped_and_other_bots_only_watched(guard: Guard) -> None:
    await guard.rule("badword")
    own = guard.town.event("!echo badword", "waddle", bot=True)
    own.data["own_action"] = True
    await guard.town.portal.client.call("router", router.INGEST, router.batch_of([own]))
    dropped = await guard.town.recorded(own.event_id)
    assert (dropped.outcome, guard.steps(dropped)) == ("own", [])
    other = await guard.traced("!echo badword", "otherbot", bot=True)
    assert (other.outcome, guard.steps(other)) == ("bot", ["rule #1: matched: delete"])
    assert guard.town.runs == []


async def test_what_happened_without_anybody_writing_is_no_line(guard: Guard) -> None:
    await guard.rule("badword")
    gone = await guard.town.happens(MessageType.MESSAGE_DELETE, text="badword")
    assert guard.steps(await guard.town.recorded(gone)) == []


async def test_rules_are_written_by_people_who_may_and_stay_in_their_community(guard: Guard) -> None:
    town, kept = guard.town, await guard.rule("spam", name="No spam")
    other = await town.portal.client.call(
        "community", community.CREATE, community.CreateCommunity("Others"),
        acting=Acting("person-ann", datetime.now(UTC), None, Role.OWNER, name="Ann"),
    )  # fmt: skip
    elsewhere = Acting("person-ann", datetime.now(UTC), other.id, Role.OWNER, name="Ann")
    with pytest.raises(NotFound):
        await guard.ask(rules.GET, rules.RuleOf(other.id, kept.number), elsewhere)
    with pytest.raises(NotFound):
        await guard.ask(rules.DELETE, rules.RuleOf(other.id, kept.number), elsewhere)
    viewer = Acting("person-dee", datetime.now(UTC), town.community_id, Role.VIEWER, name="Dee")
    with pytest.raises(Forbidden):
        await guard.ask(rules.LIST, rules.ListRules(town.community_id), viewer)
    listed = await guard.ask(rules.LIST, rules.ListRules(town.community_id))
    assert [(rule.number, rule.name) for rule in listed.items] == [(1, "No spam")]


async def test_a_rule_that_was_changed_meanwhile_is_stale(guard: Guard) -> None:
    kept = await guard.rule("spam")
    place = guard.town.community_id
    live = await guard.ask(rules.SWITCH, rules.SwitchRule(place, 1, kept.version, dry_run=True))
    assert (live.version, live.dry_run) == (2, True)
    with pytest.raises(Stale) as stale:
        await guard.ask(
            rules.PUT, rules.PutRule(place, 1, kept.version, Draft(match="word", pattern="x", actions=kept.actions))
        )
    assert stale.value.details["current"]["version"] == 2
    changed = Draft(match="word", pattern="x", actions=(rules.Ban(),))
    assert (await guard.ask(rules.PUT, rules.PutRule(place, 1, 2, changed))).pattern == "x"
    await guard.ask(rules.DELETE, rules.RuleOf(place, 1))
    with pytest.raises(NotFound):
        await guard.ask(rules.DELETE, rules.RuleOf(place, 1))


async def test_rules_are_audited_with_before_and_after(guard: Guard) -> None:
    place = guard.town.community_id
    hook = rules.CallWebhook("https://hooks.example.com/private-path", "s" * 32)
    await guard.rule("spam", rules.Delete(), exempt=rules.Exempt(Role.VIP, members=("m1", "m2")))
    await guard.ask(rules.SWITCH, rules.SwitchRule(place, 1, 1, dry_run=True))
    draft = Draft(match="word", pattern="x", actions=(rules.Warn("Please don't."), hook))
    await guard.ask(rules.PUT, rules.PutRule(place, 1, 2, draft))
    await guard.ask(rules.DELETE, rules.RuleOf(place, 1))
    entries = await guard.town.audit("rule.")
    assert [(one.actor, one.action, one.target, one.said) for one in entries] == [
        ("person-ann", "rule.add", "rule #1", "contains “spam” → delete (live)"),
        ("person-ann", "rule.switch", "rule #1", "contains “spam” → delete (dry run)"),
        ("person-ann", "rule.change", "rule #1", "word “x” → warn, webhook (dry run)"),
        ("person-ann", "rule.remove", "rule #1", "word “x” → warn, webhook (dry run)"),
    ]
    added, switched, changed, removed = [
        [msgspec.json.decode(side) if side else None for side in (one.was, one.became)] for one in entries
    ]
    assert added[0] is removed[1] is None
    assert (switched[0], switched[1]) == (added[1], added[1] | {"state": "dry run"})
    assert (switched[1], changed[1]) == (changed[0], removed[0])
    assert (added[1]["exempt_role"], added[1]["exempt_members"]) == ("vip", 2)
    assert changed[1]["actions"] == ["warn “Please don't.”", "webhook hooks.example.com (secret …ssss)"]


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"actions": ()}, "1 to 4 actions"),
    ({"actions": (rules.Delete(),) * 5}, "1 to 4 actions"),
    ({"priority": 0}, "1 (first) to 1000"),
    ({"name": "x" * 61}, "60 characters"),
    ({"expires_at": datetime(2020, 1, 1, tzinfo=UTC)}, "in the future"),
    ({"actions": (rules.Warn(" "),)}, "A warning has"),
    ({"actions": (rules.CallWebhook("https://example.org/x", "short"),)}, "needs a secret"),
    ({"actions": (rules.CallWebhook("https://127.0.0.1/x", "s" * 32),)}, "Only public addresses"),
    ({"actions": (rules.RunLine("!nothing here"),)}, "There is no command !nothing here."),
    ({"actions": (rules.RunLine('!echo "{text}"'),)}, "words of their own"),
    ({"actions": (rules.RunLine("!echo x{text}"),)}, "words of their own"),
    ({"scope": rules.Scope(channels=("nowhere",))}, "A channel is written"),
]


async def test_what_cannot_be_a_rule_is_refused(guard: Guard) -> None:
    for fields, sentence in WRONG:
        draft = Draft(**{"match": "contains", "pattern": "spam", "actions": (rules.Delete(),), **fields})
        with pytest.raises(InvalidInput) as refused:
            await guard.ask(rules.ADD, rules.AddRule(guard.town.community_id, draft))
        assert sentence in refused.value.message
    assert (await guard.ask(rules.LIST, rules.ListRules(guard.town.community_id))).total == 0


async def test_there_are_five_hundred_rules_and_no_more(guard: Guard) -> None:
    place, columns = (
        guard.town.community_id,
        "community_id, number, name, match, pattern, normalise, actions, scope, exempt",
    )
    kept = await guard.rule("spam")
    copy = (
        f"INSERT INTO rules ({columns}, priority, stop, enabled, dry_run, author, version, created_at, changed_at)"
        " SELECT community_id, ?, name, match, pattern, normalise, actions, scope, exempt, priority, stop, enabled,"
        " dry_run, author, version, created_at, changed_at FROM rules WHERE number = 1 AND community_id = ?"
    )
    database = guard.town.inst.services["router"].database
    await database.write(lambda tx: tx.many(copy, [(n, place) for n in range(1001, 1500)]))
    with pytest.raises(LimitReached) as refused:
        await guard.rule("one more")
    assert refused.value.status == 409
    await guard.ask(rules.DELETE, rules.RuleOf(place, kept.number))
    assert (await guard.rule("fits")).number == 2
