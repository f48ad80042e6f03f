"""What people do with entries in the portal, and what other modules may ask."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from flask_core.contracts import memories, module
from flask_core.datamodels import Event, MessageType
from flask_core.errors import Conflict, Forbidden, InvalidInput, NotFound, Stale
from memories_interaction_module_flask.tests.desk import OTTERS, PENGUINS, Desk, one, quote, settings


@pytest.mark.promise("memories.19")
async def test_a_model_sees_what_everybody_sees_in_that_community(desk: Desk) -> None:
    await settings(desk, suggestions=True)
    await desk.ask(memories.ADD, quote("ship it today"))
    await desk.ask(memories.ADD, quote("ship it maybe"), "dee")
    await desk.ask(memories.ADD, quote("ship it never"))
    await desk.ask(memories.DELETE, one(number=3))
    await desk.ask(memories.ADD, memories.AddEntry(PENGUINS, "note", "ship secretly", "Plan", private=True))
    await desk.ask(memories.ADD, memories.AddEntry(OTTERS, "quote", "ship fish"))
    for q in ("", "ship"):
        page = await desk.call("ai", memories.LIST, memories.ListEntries(PENGUINS, q=q))
        assert [entry.content for entry in page.items] == ["ship it today"]
    assert (await desk.call("ai", memories.GET, one())).label == "#1"
    for hidden in (one(number=2), one(number=3), one("note")):
        with pytest.raises(NotFound):
            await desk.call("ai", memories.GET, hidden)
    with pytest.raises(Forbidden):
        await desk.call("ai", memories.LIST, memories.ListEntries(PENGUINS, state="pending"))
    with pytest.raises(Forbidden):
        await desk.call("shoutout", memories.LIST, memories.ListEntries(PENGUINS))


@pytest.mark.promise("memories.19")
async def test_a_moderator_who_asks_through_a_model_shows_it_no_more(desk: Desk) -> None:
    await desk.ask(memories.ADD, memories.AddEntry(PENGUINS, "note", "the door code", "Code", private=True))
    everything = memories.ListEntries(PENGUINS)
    assert (await desk.ask(memories.LIST, everything, "ben")).total == 1
    assert (await desk.ask(memories.LIST, everything, "ben", module="ai")).total == 0
    with pytest.raises(NotFound):
        await desk.ask(memories.GET, one("note"), "ben", module="ai")
    with pytest.raises(NotFound):
        await desk.ask(memories.GET, one("note"), "dee")


async def test_entries_are_kept_changed_and_taken_back(desk: Desk) -> None:
    made = await desk.ask(memories.ADD, quote("teh typo", author="Grace", tags=("Fun",)), "ben")
    assert (made.label, made.created_name, made.tags) == ("#1", "Ben", ("fun",))
    changed = await desk.ask(memories.PATCH, memories.PatchEntry(PENGUINS, "quote", 1, 1, content="the typo"), "ben")
    assert (changed.content, changed.author, changed.version) == ("the typo", "Grace", 2)
    with pytest.raises(Stale) as stale:
        await desk.ask(memories.PATCH, memories.PatchEntry(PENGUINS, "quote", 1, 1, content="too late"))
    assert (stale.value.details["current"]["content"], stale.value.details["current"]["version"]) == ("the typo", 2)
    with pytest.raises(Conflict) as same:
        await desk.ask(memories.ADD, quote("The  typo!"))
    assert same.value.details["number"] == 1
    with pytest.raises(InvalidInput):
        await desk.ask(memories.ADD, memories.AddEntry(PENGUINS, "link", url="javascript:alert(1)", title="x"))
    await desk.ask(memories.DELETE, one(), "ben")
    with pytest.raises(NotFound):
        await desk.ask(memories.DELETE, one(), "ben")
    binned = await desk.ask(memories.LIST, memories.ListEntries(PENGUINS, state="deleted"), "ben")
    assert [entry.label for entry in binned.items] == ["#1"]
    assert (await desk.ask(memories.RESTORE, one(), "ben")).state == "approved"


async def test_an_admin_empties_the_bin_and_numbers_stay_taken(desk: Desk) -> None:
    for text in ("one", "two"):
        await desk.ask(memories.ADD, quote(text))
    await desk.ask(memories.ADD, memories.AddEntry(OTTERS, "quote", "eat fish"))
    await desk.ask(memories.DELETE, memories.EntryOf(OTTERS, "quote", 1))
    await desk.ask(memories.DELETE, one(number=2))
    with pytest.raises(Forbidden):
        await desk.ask(memories.EMPTY_BIN, memories.CommunityId(PENGUINS), "ben")
    assert (await desk.ask(memories.EMPTY_BIN, memories.CommunityId(PENGUINS))).entries == 1
    with pytest.raises(NotFound):
        await desk.ask(memories.RESTORE, one(number=2))
    assert (await desk.ask(memories.RESTORE, memories.EntryOf(OTTERS, "quote", 1))).label == "#1"
    assert (await desk.ask(memories.ADD, quote("two"))).label == "#3"


async def test_viewers_suggest_vote_and_do_not_decide(desk: Desk) -> None:
    with pytest.raises(Forbidden, match="Suggestions are off"):
        await desk.ask(memories.ADD, quote("hello"), "dee")
    await settings(desk, suggestions=True)
    assert (await desk.ask(memories.ADD, quote("hello", private=True), "dee")).state == "pending"
    for decision in (memories.APPROVE, memories.REJECT):
        with pytest.raises(Forbidden):
            await desk.ask(decision, one(), "dee")
    with pytest.raises(Forbidden):
        await desk.ask(memories.LIST, memories.ListEntries(PENGUINS, state="pending"), "dee")
    assert not (await desk.ask(memories.APPROVE, one(), "ben")).private
    with pytest.raises(Conflict):
        await desk.ask(memories.REJECT, one(), "ben")
    assert (await desk.ask(memories.VOTE, memories.Vote(PENGUINS, "quote", 1, 1), "eve")).votes == 1
    with pytest.raises(Forbidden):
        await desk.ask(memories.VOTE, memories.Vote(PENGUINS, "quote", 1, 1), "dee")
    with pytest.raises(InvalidInput):
        await desk.ask(memories.VOTE, memories.Vote(PENGUINS, "quote", 1, 9), "eve")
    assert [
        entry.own_vote for entry in (await desk.ask(memories.LIST, memories.ListEntries(PENGUINS), "eve")).items
    ] == [1]
    await desk.ask(memories.ADD, quote("goodbye"), "dee")
    assert (await desk.ask(memories.REJECT, one(number=2), "ben")).state == "deleted"


async def test_lists_are_filtered_sorted_and_paged(desk: Desk) -> None:
    for number in range(1, 5):
        await desk.ask(memories.ADD, quote(f"text {number}", author="Ada" if number % 2 else "Bob"))
    await desk.ask(memories.VOTE, memories.Vote(PENGUINS, "quote", 3, 1), "eve")

    async def labels(**wanted: object) -> list[str]:
        page = await desk.ask(memories.LIST, memories.ListEntries(PENGUINS, **wanted), "dee")  # type: ignore[arg-type]
        return [entry.label for entry in page.items]

    assert await labels(author="ada") == ["#1", "#3"]
    assert await labels(sort="new", per_page=2) == ["#4", "#3"]
    assert await labels(sort="top", per_page=1) == ["#3"]
    assert await labels(page=2, per_page=3) == ["#4"]
    assert await labels(q="text", kind="quote", page=2, per_page=3) == ["#1"]
    assert await labels(kind="note") == []
    with pytest.raises(InvalidInput):
        await labels(q="x")


async def test_a_quote_by_chance_or_by_number(desk: Desk) -> None:
    with pytest.raises(NotFound, match="No quotes yet"):
        await desk.ask(memories.RANDOM, memories.RandomQuote(PENGUINS), "dee")
    await desk.ask(memories.ADD_CATEGORY, memories.AddCategory(PENGUINS, "Fun"))
    await desk.ask(memories.ADD, quote("ship it", category="Fun"))
    await desk.ask(memories.ADD, quote("be kind"))
    fun = memories.RandomQuote(PENGUINS, "fun")
    assert {(await desk.ask(memories.RANDOM, fun, "dee")).label for _ in range(10)} == {"#1"}
    with pytest.raises(NotFound, match="No quotes in Rules yet"):
        await desk.ask(memories.RANDOM, memories.RandomQuote(PENGUINS, "Rules"), "dee")
    assert (await desk.call("alias", memories.RANDOM, fun)).content == "ship it"
    assert (await desk.call("alias", memories.QUOTE, memories.QuoteOf(PENGUINS, 1))).content == "ship it"
    assert (await desk.ask(memories.QUOTE, memories.QuoteOf(PENGUINS, 1), "dee")).label == "#1"
    with pytest.raises(NotFound):
        await desk.call("alias", memories.QUOTE, memories.QuoteOf(PENGUINS, 9))

    await desk.service._finish()
    assert (await desk.ask(memories.GET, one())).uses == 2


async def test_the_router_tells_who_is_live(desk: Desk) -> None:

    assert MessageType.STREAM_ONLINE in desk.service.manifest.listens_to
    event = Event("e1", MessageType.STREAM_ONLINE, "twitch:1:1", datetime.now(UTC))
    taken = await desk.call("router", module.EVENTS, module.EventBatch((module.ScoredEvent(event, PENGUINS),)))
    assert taken.taken == 1
    with pytest.raises(Forbidden):
        await desk.call("ai", module.EVENTS, module.EventBatch(()))
