"""What rules reach besides the line: addresses outside, words of others that the bot says, notes, other replicas."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
import pytest_asyncio
from aiohttp import web

from flask_core.contracts import module, router, rules
from flask_core.contracts.rules import Draft
from flask_core.datamodels import Chat, Origin, Role
from flask_core.errors import InvalidInput, Unavailable
from flask_core.guarded_fetch import GuardedFetcher
from flask_core.testing.installation import until
from router_module_flask.moderation.rules.book import RuleBook
from router_module_flask.moderation.rules.repository import RuleRepository
from router_module_flask.moderation.rules.word_cover import HIDDEN
from router_module_flask.tests.conftest import Town
from router_module_flask.tests.guard import Guard
from router_module_flask.tests.test_webhooks import Dice, LoopbackIsOutside

SECRET = "a secret of at least thirty-two characters"


@pytest_asyncio.fixture
async def guard(town: Town) -> Guard:
    return Guard(town)


@pytest_asyncio.fixture
async def outside(town: Town) -> AsyncIterator[Dice]:
    """Somebody's address, reached through the guard."""
    outside = Dice()
    await outside.server.start_server()
    town.inst.services["router"].http._fetcher = GuardedFetcher(LoopbackIsOutside(), outside.lookup)
    yield outside
    await outside.server.close()


async def calling(guard: Guard, outside: Dice) -> None:
    """A rule that posts to the address; it was checked when it was another's."""
    await guard.rule("raid", rules.CallWebhook("https://example.org/hook", SECRET))
    database = guard.town.inst.services["router"].database
    moved = "UPDATE rules SET actions = replace(actions, 'https://example.org/hook', ?)"
    await database.write(lambda tx: tx.run(moved, outside.url))
    guard.town.router.rules.book.changed(guard.town.community_id)


async def ended(guard: Guard, event_id: str) -> router.TraceDelivery:
    """What became of the call."""
    while (found := (await guard.town.recorded(event_id)).deliveries[0]).state == "waiting":
        pass
    return found


async def test_an_address_is_told_what_happened_signed_and_once(guard: Guard, outside: Dice) -> None:
    await calling(guard, outside)
    event_id = await guard.town.write("raid!")
    delivery = await ended(guard, event_id)
    assert (delivery.kind, delivery.state) == ("platform", "done")
    ((request, body),) = outside.asked
    stamp, signature = (part.partition("=")[2] for part in request.headers["X-WaddleBot-Signature"].split(","))
    assert signature == hmac.new(SECRET.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    assert len(request.headers["X-WaddleBot-Execution"]) == 32
    told = msgspec.json.decode(body)
    assert (told["rule"], told["text"], told["user"], told["event_id"]) == (1, "raid!", "Dee", event_id)
    assert told["community_id"] == guard.town.community_id
    kept = await guard.ask(rules.GET, rules.RuleOf(guard.town.community_id, 1))
    assert kept.actions == (rules.CallWebhook(outside.url, last4=SECRET[-4:]),)
    dump = await guard.town.inst.services["router"].database.read(lambda tx: tx.value("SELECT actions FROM rules"))
    assert SECRET not in dump


async def test_the_secret_stays_when_the_form_comes_back_without_it(guard: Guard, outside: Dice) -> None:
    await calling(guard, outside)
    place = guard.town.community_id
    kept = await guard.ask(rules.GET, rules.RuleOf(place, 1))
    guard.town.router.rules.desk._rules._checks._guard = LoopbackIsOutside()
    again = Draft(match="contains", pattern="storm", actions=kept.actions, dry_run=False)
    await guard.ask(rules.PUT, rules.PutRule(place, 1, kept.version, again))
    assert (await ended(guard, await guard.town.write("storm"))).state == "done"
    moved = msgspec.structs.replace(again, actions=(rules.CallWebhook("https://example.org/other"),))
    with pytest.raises(InvalidInput, match="needs a secret"):
        await guard.ask(rules.PUT, rules.PutRule(place, 1, kept.version + 1, moved))


async def test_an_address_that_refuses_or_leads_inside_is_told_apart_from_one_that_is_away(
    guard: Guard, outside: Dice
) -> None:
    await calling(guard, outside)

    async def answers(status: int) -> web.Response:
        return web.Response(status=status)

    outside.answer = lambda: answers(410)
    assert (await ended(guard, await guard.town.write("raid"))).reason == "It answered 410."
    outside.leads_to = "10.0.0.1"
    assert (await ended(guard, await guard.town.write("raid"))).reason == "blocked address"
    outside.leads_to, outside.answer = "127.0.0.1", lambda: answers(503)
    event_id = await guard.town.write("raid")
    await until(lambda: len(outside.asked) == 2)
    outside.answer = lambda: answers(204)
    again = "UPDATE deliveries SET due_at = ?, claimed_until = ? WHERE state = 'waiting'"
    now = datetime.now(UTC) - timedelta(seconds=1)
    await until(lambda: not guard.town.router.deliveries._tasks)
    await guard.town.inst.services["router"].database.write(lambda tx: tx.run(again, now, now))
    assert (await ended(guard, event_id)).state == "done"


async def test_words_of_others_are_hidden_and_the_bots_own_are_not(guard: Guard) -> None:
    town = guard.town
    await guard.rule("badword", exempt=rules.Exempt(Role.VIEWER))
    await guard.rule("dryword", dry_run=True)
    lines = (
        Chat("he said badword", origin=Origin.EXTERNAL), Chat("mind: badword is hidden"),
        Chat("dryword", origin=Origin.EXTERNAL), Chat("hello", origin=Origin.EXTERNAL),
    )  # fmt: skip
    asked = router.ActionsRequest(town.community_id, router.Target(channel=town.channel), "k1", lines)
    await town.echo.client.call("router", router.ACT, asked)
    said = await until(lambda: town.said if len(town.said) == len(lines) else None)
    assert [delivery.action.text for delivery in said] == [HIDDEN, "mind: badword is hidden", "dryword", "hello"]

    async def told() -> list[str]:
        answer = await town.echo.client.call("router", router.ACTIONS, router.ActionKey("k1"))
        return [state.reason for state in answer.deliveries if state.state == "done"]

    while len(reasons := await told()) < len(lines):
        pass
    assert reasons == ["Hidden by rule #1.", "", "", ""]


async def test_modules_ask_before_they_show_words(guard: Guard) -> None:
    town = guard.town
    await guard.rule("badword", scope=rules.Scope(channels=(town.channel,)))
    await guard.rule("dryword", dry_run=True)

    async def check(text: str, channel: str = "") -> rules.Checked:
        asked = rules.CheckText(town.community_id, text, channel)
        answer: rules.Checked = await town.echo.client.call("router", rules.CHECK, asked)
        return answer

    assert await check("a ЬadωorԀ") == rules.Checked(allowed=False, rule=1)
    assert await check("badword", town.channel) == rules.Checked(allowed=False, rule=1)
    assert await check("badword", "console:9:other") == rules.Checked(allowed=True)
    assert await check("dryword") == rules.Checked(allowed=True)
    with pytest.raises(InvalidInput, match="10000 characters"):
        await check("x" * 10_001)


async def test_what_a_platform_cannot_do_is_noted_for_moderators_once(guard: Guard) -> None:
    town = guard.town

    @town.inst.fake("portal").offers(module.DELIVER)
    async def deliver(asked: module.Deliveries, _: object) -> module.DeliveryResults:
        town.said += [said for said in asked.items if isinstance(said.action, Chat)]
        status = {True: module.DeliveryStatus.DONE, False: module.DeliveryStatus.UNSUPPORTED}
        return module.DeliveryResults(tuple(
            module.DeliveryResult(said.id, status[isinstance(said.action, Chat)], reason="Nobody is timed out here.")
            for said in asked.items
        ))  # fmt: skip

    await guard.rule("spam", rules.Timeout(60))
    event_id = await town.write("spam")
    assert (await ended(guard, event_id)).state == "unsupported"
    document = msgspec.json.encode({"moderator_channel": f"console:{town.community_id}:mods"}).decode()
    await town.inst.services["router"].database.write(lambda tx: tx.run(
        "INSERT INTO community_settings (community_id, document, version, changed_at) VALUES (?, ?, 1, ?)",
        town.community_id, document, datetime.now(UTC),
    ))  # fmt: skip
    for user in ("dee", "eve"):
        assert (await ended(guard, await town.write("spam", user))).state == "unsupported"
    (note,) = await until(lambda: town.said)
    assert note.channel == f"console:{town.community_id}:mods"
    assert note.action.text.startswith(f"A rule wanted a timeout in {town.channel}, and that was not possible there.")


async def test_a_change_is_heard_by_every_replica_and_seen_within_a_minute_by_a_deaf_one(guard: Guard) -> None:
    town, service = guard.town, guard.town.inst.services["router"]
    hears = RuleBook(RuleRepository(service.database), service.shared)
    deaf = RuleBook(RuleRepository(service.database), service.shared)
    listening = asyncio.create_task(hears.listen())
    await until(lambda: hears._states is not None)
    await deaf.refresh()
    for book in (hears, deaf):
        assert book.idle(town.community_id)
    await guard.rule("spam")
    await until(lambda: not hears.idle(town.community_id))
    assert [rule.number for rule in (await hears.of(town.community_id)).matching("spam")] == [1]
    assert deaf.idle(town.community_id)
    await deaf.refresh()
    assert [rule.number for rule in (await deaf.of(town.community_id)).matching("spam")] == [1]
    await guard.ask(rules.DELETE, rules.RuleOf(town.community_id, 1))
    await until(lambda: hears.known(town.community_id) is None)
    assert (await hears.of(town.community_id)).matching("spam") == []
    await deaf.refresh()
    assert deaf.idle(town.community_id)
    listening.cancel()


class Lost(RuleRepository):
    """A table that cannot be reached for a while."""

    away = False

    async def watching(self, community_id: int) -> list[rules.Rule]:
        if self.away:
            raise Unavailable("The database is away.")
        return await super().watching(community_id)

    async def count(self, hits: object, now: datetime) -> None:
        if self.away:
            raise Unavailable("The database is away.")
        await super().count(hits, now)  # type: ignore[arg-type]


async def test_while_rules_cannot_be_read_the_ones_of_before_hold(guard: Guard) -> None:
    town, service = guard.town, guard.town.inst.services["router"]
    await guard.rule("spam")
    table = Lost(service.database)
    book = RuleBook(table, service.shared)
    table.away = True
    with pytest.raises(Unavailable):
        await book.of(town.community_id)
    table.away = False
    await book.of(town.community_id)
    table.away = True
    book.forget(town.community_id)
    assert [rule.number for rule in (await book.of(town.community_id)).matching("spam")] == [1]
    book.hit(town.community_id, 1)
    with pytest.raises(Unavailable):
        await book.flush()
    await book.settle()
    table.away = False
    await book.flush()
    await book.flush()
    assert (await guard.ask(rules.GET, rules.RuleOf(town.community_id, 1))).hits == 1


async def test_a_rule_that_cannot_be_compiled_any_more_is_marked(guard: Guard) -> None:
    town = guard.town
    await guard.rule("fine")
    await guard.rule("x")
    await town.inst.services["router"].database.write(
        lambda tx: tx.run("UPDATE rules SET match = 'regex', pattern = '(' WHERE number = 2")
    )
    town.router.rules.book.changed(town.community_id)
    assert guard.steps(await guard.traced("fine x")) == ["rule #1: matched: delete"]
    await town.router.rules.book.flush()
    kept = await guard.ask(rules.GET, rules.RuleOf(town.community_id, 2))
    assert kept.problem.startswith("This pattern cannot be compiled any more: At character 1: ")
