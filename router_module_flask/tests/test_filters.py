"""Filters at work: what happens to lines and their authors."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from flask_core.auth import utc_now
from flask_core.contracts import filters as contract
from flask_core.datamodels import Moderate
from flask_core.errors import Unavailable
from flask_core.shared_memory import MemoryState
from flask_core.shared_state import open_shared_state
from flask_core.testing.installation import until
from router_module_flask.models import Trace
from router_module_flask.moderation.filters.kinds import KINDS
from router_module_flask.moderation.filters.repository import FilterRepository
from router_module_flask.moderation.filters.settings import FilterSettings, active
from router_module_flask.moderation.filters.switched_on import SwitchedOn
from router_module_flask.moderation.verdicts import Verdict
from router_module_flask.permissions import speaker_of
from router_module_flask.tests.conftest import Town
from router_module_flask.tests.fakes import FakeContexts, chat_event
from router_module_flask.tests.street import Street


@pytest.fixture
def street(town: Town) -> Street:
    """The town with its filters."""
    return Street(town)


async def test_all_filters_are_off_at_first(street: Street) -> None:
    every = await street.ask(contract.FILTERS, contract.CommunityId(street.town.community_id))
    assert [one.name for one in every.items] == list(KINDS)
    assert not any(one.enabled for one in every.items)
    assert await street.passes("BUY NOW https://example.com !!!!!!!!!!!!!!!!")
    assert street.town.router.filters.watch.idle(street.town.community_id)


async def test_the_ladder_goes_up_to_a_day_and_never_bans(street: Street) -> None:
    await street.set("links")
    assert await street.does("see example.com") == "delete"
    assert street.words == "@Dee, please ask before you post a link."
    assert await street.does("see example.com") == "delete timeout 300"
    assert await street.does("see example.com") == "delete timeout 3600"
    assert await street.does("see example.com") == "delete timeout 86400"
    assert await street.does("see example.com") == "delete timeout 86400"
    assert await street.does("see example.com", user="eve") == "delete"
    assert await street.offences() == [("Eve", "links", 1, 1), ("Dee", "links", 5, 5)]


async def test_what_is_hit_runs_no_command_and_is_told_in_its_trace(street: Street) -> None:
    await street.set("links")
    trace = await street.line("!echo example.com")
    assert (trace.outcome, street.town.runs) == ("blocked", [])
    assert [(step.name, step.said) for step in trace.steps][-1] == (
        "links",
        "link to example.com: deleted, warned",
    )
    assert not await street.passes("now with example.com", data={"edited": True})


async def test_each_act_names_the_line_and_the_reason(street: Street) -> None:
    await street.set("caps", ladder=("10m",), message="Quiet please, {user}", silent=False)
    await street.line("THIS IS VERY LOUD", data={"message_id": "m-1"})
    delete, timeout, words = [one.action for one in street.town.said]
    assert delete == Moderate("delete", "dee", "m-1", reason="Capitals filter: 100 % capitals")
    assert timeout == Moderate("timeout", "dee", seconds=600, reason="Capitals filter: 100 % capitals")
    assert words.text == "Quiet please, @Dee (timed out for 10m)"
    await street.set("caps", silent=True, ladder=("delete",))
    before = len(street.town.said)
    await street.line("THIS IS VERY LOUD", user="eve")
    assert [one.action.operation for one in street.town.said[before:]] == ["delete"]


async def test_in_a_raid_the_channel_is_told_once_in_a_while(street: Street) -> None:
    await street.set("links")
    for number in range(5):
        await street.line("follow example.com", user=f"bot{number}")
    assert sum(hasattr(one.action, "text") for one in street.town.said) == 1


async def test_moderators_and_other_channels_are_left_alone(street: Street) -> None:
    await street.set("links")
    assert await street.passes("see example.com", moderator=True)
    assert await street.passes("see example.com", bot=True)
    assert await street.passes("see example.com", data={"own_action": True})
    assert not await street.passes("see example.com", vip=True)
    await street.set("links", exempt_role="vip")
    assert await street.passes("see example.com", vip=True)
    await street.set("links", channels=("twitch:1:1",))
    assert await street.passes("see example.com")
    await street.set("links", channels=(), platforms=("discord", "slack"))
    assert await street.passes("see example.com")
    await street.set("links", platforms=("console",), exempt_role="owner")
    assert not await street.passes("see example.com", moderator=True)


def test_a_label_exempts() -> None:
    contexts = FakeContexts()
    contexts.labels["dee"] = ("links",)
    links = active(KINDS["links"], FilterSettings())
    for user, concerned in (("dee", False), ("eve", True)):
        event = chat_event("example.com", user)
        assert links.concerns(event, speaker_of(event, contexts.known(event))) is concerned
    event = chat_event("example.com", "dee")
    other = active(KINDS["links"], FilterSettings(exempt_label=""))
    assert other.concerns(event, speaker_of(event, contexts.known(event)))


async def test_a_permit_is_for_one_link(street: Street) -> None:
    await street.set("links")
    said = await street.town.ask("!permit @dee 60s", user="mo", moderator=True)
    assert said == "@dee may post one link within 60 s."
    trace = await street.line("see example.com")
    assert (trace.outcome, trace.steps[1].said) == ("plain", "link to example.com: permitted")
    assert not await street.passes("and example.org")
    assert await street.town.ask("!permit dee 2h", user="meg", moderator=True) == "A permit lasts 5 s to 60 min."
    assert await street.town.ask("!permit eve", user="mia") == "Only moderators can do that. You are viewer here."


async def test_a_permit_finds_whoever_a_mention_means(street: Street) -> None:
    permits, here = street.town.router.filters.watch._permits, street.town.community_id
    said = await street.town.ask("!permit <@U02ABC> 60s", user="mo", moderator=True)
    assert said == "<@U02ABC> may post one link within 60 s."
    assert not await permits.use(here, chat_event("x", "T1.U02ABCD"))
    assert not await permits.use(here + 1, chat_event("x", "T1.U02ABC"))
    assert await permits.use(here, chat_event("x", "T1.U02ABC"))


async def test_a_line_that_is_read_again_is_counted_once(street: Street) -> None:
    watch, here = street.town.router.filters.watch, street.town.community_id
    contexts = FakeContexts()
    contexts.community = msgspec.structs.replace(contexts.community, id=here)

    async def judged(text: str, times: int) -> list[Verdict]:
        event = chat_event(text, "dee", data={"message_id": "m"})
        speaker = speaker_of(event, contexts.known(event))
        return [await watch.judge(event, speaker, Trace(0)) for _ in range(times)]

    await street.set("links")
    await street.set("flood", values={"messages": 2})
    linked = await judged("see example.com", 5)
    assert {tuple(out.key for out in verdict.outgoing) for verdict in linked} == {
        tuple(out.key for out in linked[0].outgoing)
    }
    assert {(verdict.blocked, len(verdict.outgoing)) for verdict in linked} == {(True, 2)}
    assert [verdict.blocked for number in range(3) for verdict in await judged(f"line {number}", 2)] == [
        False, False, False, False, True, True,
    ]  # fmt: skip
    assert await street.offences() == [("Dee", "flood", 1, 1), ("Dee", "links", 1, 1)]
    await street.town.ask("!permit @dee", user="mo", moderator=True)
    assert not any(verdict.blocked for verdict in await judged("see example.com", 2))


async def test_offences_at_the_same_moment_are_all_counted(street: Street) -> None:
    offences = street.town.router.filters.watch._offences
    stood = await asyncio.gather(
        *(offences.commit(2, "member-dee", "caps", "Dee", f"e-{number}", utc_now()) for number in range(20))
    )
    assert sorted(stood) == list(range(1, 21))
    assert await offences.commit(2, "member-dee", "caps", "Dee", "e-7", utc_now()) in stood


async def test_thirty_days_without_one_forget_all_of_them(street: Street) -> None:
    await street.set("caps")
    filters = street.town.router.filters
    for _ in range(2):
        await street.line("THIS IS VERY LOUD")
    later = datetime.now(UTC) + timedelta(days=31)
    filters.watch._now = lambda: later
    assert await street.does("THIS IS VERY LOUD") == "delete"
    assert await street.offences() == [("Dee", "caps", 1, 3)]
    filters.decay._now = lambda: later + timedelta(days=29)
    assert await filters.decay.sweep() == 0
    filters.decay._now = lambda: later + timedelta(days=30)
    assert await filters.decay.sweep() == 1
    assert await filters.decay.sweep() == 0
    assert await street.offences() == [("Dee", "caps", 0, 3)]
    retention = street.town.router.retention
    retention._now = lambda: later + timedelta(days=61)
    await retention.sweep()
    assert await street.offences() == []


async def test_a_moderator_forgives_once(street: Street) -> None:
    await street.set("caps")
    for user in ("dee", "dee", "eve"):
        await street.line("THIS IS VERY LOUD", user=user)
    here = street.town.community_id
    page = await street.ask(contract.OFFENCES, contract.ListOffences(here))
    dee = next(one for one in page.items if one.name == "Dee")
    forgiven = contract.OffenceOf(here, dee.member_id, "caps")
    await street.ask(contract.FORGIVE, forgiven)
    assert (await street.refused(contract.FORGIVE, forgiven)).code == "not_found"
    (entry,) = await street.town.audit("offence.")
    assert (entry.action, entry.target, entry.said) == ("offence.forgive", dee.member_id, "caps")
    assert (entry.was, entry.became) == ('{"standing":2,"total":2}', "")
    assert await street.offences(filter="caps") == [("Eve", "caps", 1, 1)]
    assert await street.offences(filter="links") == []
    assert await street.does("THIS IS VERY LOUD") == "delete"


async def test_flooding_is_one_offence_for_a_burst(street: Street) -> None:
    await street.set("flood", values={"messages": 3})
    assert [await street.does(f"line {number}") for number in range(8)] == [
        "", "", "", "delete", "", "", "", "delete timeout 300",
    ]  # fmt: skip


async def test_the_same_text_by_one_or_by_many(street: Street) -> None:
    await street.set("repeats")
    assert [await street.does("Join my server") for _ in range(3)] == ["", "", "delete"]
    crowd = [await street.does("come to my big party", user=f"fan{number}") for number in range(5)]
    assert crowd == ["", "", "", "", "delete"]
    assert not any([await street.does("GG", user=f"fan{number}") for number in range(6)])
    assert not any([await street.does("!echo the same", user="gus") for _ in range(3)])


async def test_a_first_message_waits_for_a_moderator(street: Street) -> None:
    await street.set("first_message")
    assert await street.does("hello, see example.com", user="new") == "delete"
    assert street.words == "@New, welcome! Your first message waits for a moderator."
    assert await street.passes("sorry, see example.com", user="new")
    assert await street.passes("hello everybody", user="nora")
    assert await street.does("buy followers", user="nick") == "delete"
    here = street.town.community_id
    first, second = (await street.ask(contract.HELD, contract.CommunityId(here))).items
    assert (first.name, first.text, first.reason) == (
        "New", "hello, see example.com", "first message with a link to example.com",
    )  # fmt: skip
    await street.ask(contract.RELEASE, contract.HeldOf(here, first.id))
    await until(lambda: street.words == "New: hello, see example.com")
    await street.ask(contract.DROP, contract.HeldOf(here, second.id))
    for operation in (contract.RELEASE, contract.DROP):
        assert (await street.refused(operation, contract.HeldOf(here, second.id))).code == "not_found"
    assert (await street.ask(contract.HELD, contract.CommunityId(here))).items == ()
    assert await street.offences() == []
    entries = await street.town.audit("held.")
    decided = [(one.action, *(msgspec.json.decode(side)["state"] for side in (one.was, one.became))) for one in entries]
    assert decided == [("held.release", "waiting", "said after all"), ("held.drop", "waiting", "forgotten")]
    assert not any("example.com" in one.was + one.said for one in entries)


async def test_what_belongs_to_another_community_is_not_found(street: Street) -> None:
    await street.set("first_message")
    await street.line("hello, see example.com", user="new")
    held = street.town.router.filters.watch._held
    (waiting,) = await held.waiting(street.town.community_id)
    assert await held.one(street.town.community_id + 1, waiting.id) is None
    assert not await held.decide(street.town.community_id + 1, waiting.id, "drop", "x", utc_now())


@pytest.mark.parametrize("distributed", [False, True])
async def test_every_replica_hears_of_a_change(street: Street, redis_url: str, distributed: bool) -> None:
    database = street.town.inst.services["router"].database
    memory = MemoryState()
    states = [open_shared_state(redis_url) if distributed else memory for _ in range(2)]
    one, other = (SwitchedOn(FilterRepository(database), shared) for shared in states)
    listening = asyncio.create_task(other.listen())
    assert await other.read(7) == ()
    await FilterRepository(database).put(7, "caps", FilterSettings(enabled=True), 0, "ann", "", utc_now())
    async with asyncio.timeout(10):
        while other.known(7) is not None:
            # Nothing tells when a subscription has begun; what is published before it is lost.
            await one.changed(7)
            await asyncio.sleep(0)
    assert [found.kind.name for found in await other.read(7)] == ["caps"]
    listening.cancel()
    for shared in states:
        await shared.close()


async def test_what_was_known_holds_while_the_table_is_away(street: Street) -> None:
    class Away(FilterRepository):
        async def all(self, community_id: int) -> dict[str, tuple[FilterSettings, int]]:
            raise Unavailable("The database is not answering right now.")

    now = 0.0
    repository = FilterRepository(street.town.inst.services["router"].database)
    await repository.put(7, "caps", FilterSettings(enabled=True), 0, "ann", "", utc_now())
    known = SwitchedOn(repository, MemoryState(), clock=lambda: now)
    assert len(await known.read(7)) == 1
    now, known._repository = 100.0, Away(repository._database)
    assert known.known(7) is None
    assert len(await known.read(7)) == 1
    with pytest.raises(Unavailable):
        await known.read(8)
