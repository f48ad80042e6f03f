"""What people do in the portal, and what other modules may ask."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from flask_core.contracts import memories
from flask_core.errors import Conflict, Forbidden, InvalidInput, LimitReached, NotFound, Stale
from memories_interaction_module_flask.tests.desk import OTTERS, PENGUINS, Desk


def quote(text: str, **fields: object) -> memories.AddEntry:
    return memories.AddEntry(PENGUINS, "quote", text, **fields)  # type: ignore[arg-type]


def one(kind: memories.Kind = "quote", number: int = 1) -> memories.EntryOf:
    return memories.EntryOf(PENGUINS, kind, number)


async def settings(desk: Desk, **changed: object) -> None:
    from flask_core.contracts import module

    now = await desk.ask(module.GET_SETTINGS, module.CommunityOnly(PENGUINS))
    await desk.ask(module.PUT_SETTINGS, module.PutSettings(PENGUINS, {**now.document, **changed}, now.version))


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


async def test_entries_are_sorted_into_categories(desk: Desk) -> None:
    async def add(name: str, **fields: str) -> memories.CategoryView:
        made: memories.CategoryView = await desk.ask(
            memories.ADD_CATEGORY, memories.AddCategory(PENGUINS, name, **fields), "ben"
        )
        return made

    fun = await add("Fun", colour="#FF8800", icon="🎉")
    assert (fun.colour, fun.icon) == ("#ff8800", "🎉")
    rules = await add("Rules")
    for name, fields, refusal in (
        ("FÚN!", {}, "already"), ("", {}, "1 to 60"), ("x", {"colour": "red"}, "#rrggbb"),
        ("x", {"icon": "x" * 17}, "at most 16"),
    ):  # fmt: skip
        with pytest.raises((Conflict, InvalidInput), match=refusal):
            await add(name, **fields)
    with pytest.raises(Forbidden):
        await desk.ask(memories.ADD_CATEGORY, memories.AddCategory(PENGUINS, "Mine"), "dee")
    await desk.ask(memories.ADD, quote("ship it", category="fun", context="Celeste"))
    await desk.ask(memories.ADD, quote("be kind"))
    with pytest.raises(InvalidInput, match="no category Nothing"):
        await desk.ask(memories.ADD, quote("hm", category="Nothing"))

    async def labels(**wanted: str) -> list[str]:
        page = await desk.ask(memories.LIST, memories.ListEntries(PENGUINS, **wanted), "dee")  # type: ignore[arg-type]
        return [f"{entry.label} {entry.category} {entry.context}".rstrip() for entry in page.items]

    assert await labels(category="FUN") == await labels(q="ship", category="fun") == ["#1 Fun Celeste"]
    assert await labels(q="kind", category="fun") == []
    changed = memories.PatchCategory(PENGUINS, fun.id, name="Joy")
    assert (await desk.ask(memories.PATCH_CATEGORY, changed, "ben")).colour == "#ff8800"
    with pytest.raises(Conflict):
        await desk.ask(memories.PATCH_CATEGORY, memories.PatchCategory(PENGUINS, rules.id, name="joy"), "ben")
    assert await labels(category="joy") == ["#1 Joy Celeste"]
    moved = memories.PatchEntry(PENGUINS, "quote", 2, 1, category="Rules")
    assert (await desk.ask(memories.PATCH, moved)).category == "Rules"
    await desk.ask(memories.DELETE_CATEGORY, memories.CategoryOf(PENGUINS, fun.id), "ben")
    assert await labels() == ["#1  Celeste", "#2 Rules"]
    for gone in (
        (memories.DELETE_CATEGORY, memories.CategoryOf(PENGUINS, fun.id)),
        (memories.PATCH_CATEGORY, memories.PatchCategory(OTTERS, rules.id, name="x")),
    ):
        with pytest.raises(NotFound):
            await desk.ask(*gone)
    listed = await desk.ask(memories.CATEGORIES, memories.CommunityId(PENGUINS), "ben")
    assert [category.name for category in listed.items] == ["Rules"]


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
    from flask_core.contracts import module
    from flask_core.datamodels import Event, MessageType

    assert MessageType.STREAM_ONLINE in desk.service.manifest.listens_to
    event = Event("e1", MessageType.STREAM_ONLINE, "twitch:1:1", datetime.now(UTC))
    taken = await desk.call("router", module.EVENTS, module.EventBatch((module.ScoredEvent(event, PENGUINS),)))
    assert taken.taken == 1
    with pytest.raises(Forbidden):
        await desk.call("ai", module.EVENTS, module.EventBatch(()))


async def test_fifty_categories_are_enough(desk: Desk) -> None:
    for number in range(50):
        await desk.ask(memories.ADD_CATEGORY, memories.AddCategory(PENGUINS, f"drawer {number}"))
    with pytest.raises(LimitReached):
        await desk.ask(memories.ADD_CATEGORY, memories.AddCategory(PENGUINS, "one more"))


async def test_tags_and_names_filter_whatever_their_letters(desk: Desk) -> None:
    await desk.ask(memories.ADD, quote("one", tags=("50%", "fun"), author="Ünal"))
    await desk.ask(memories.ADD, quote("two", tags=("50x", "funny"), author="Unwin"))

    async def labels(**wanted: str) -> list[str]:
        page = await desk.ask(memories.LIST, memories.ListEntries(PENGUINS, **wanted), "dee")  # type: ignore[arg-type]
        return [entry.label for entry in page.items]

    assert await labels(tag="50%") == await labels(tag="#Fun") == await labels(author="ünal") == ["#1"]
    assert await labels(author="ÜNAL", tag="funny") == []


async def test_only_moderators_make_private_and_name_accounts(desk: Desk) -> None:
    await settings(desk, suggestions=True, own_edit_minutes=15)
    await desk.ask(memories.ADD, quote("mine", author_account="twitch:77"), "dee")
    await desk.ask(memories.APPROVE, one())
    with pytest.raises(Forbidden):
        await desk.ask(memories.PATCH, memories.PatchEntry(PENGUINS, "quote", 1, 2, private=True), "dee")
    hidden = await desk.ask(memories.PATCH, memories.PatchEntry(PENGUINS, "quote", 1, 2, private=True), "ben")
    assert hidden.private
    await desk.ask(memories.ADD, quote("theirs", author="Dee", author_account="twitch:77"), "ben")
    from flask_core.contracts import module

    receipt = await desk.call("identity", module.ERASE, module.PersonAccounts("r1", (("twitch", "77"),)))
    assert receipt.kept["quotes of you"].startswith("#2 in community 2:")


async def test_reminders_in_the_portal(desk: Desk) -> None:
    made = await desk.ask(
        memories.REMIND, memories.AddReminder(PENGUINS, "buy the ring", "in 2 hours", private=True), "dee"
    )
    assert (made.label, made.text, made.private, made.target) == ("R1", "buy the ring", True, "me")
    raid = memories.AddReminder(PENGUINS, "raid", "every monday 20:00", channel="twitch:1:1")
    with pytest.raises(Forbidden):
        await desk.ask(memories.REMIND, raid, "dee")
    assert (await desk.ask(memories.REMIND, raid, "ben")).recurring
    with pytest.raises(InvalidInput) as unread:
        await desk.ask(memories.REMIND, memories.AddReminder(PENGUINS, "tea", "in a bit"), "dee")
    assert unread.value.details["position"] == 3
    with pytest.raises(InvalidInput, match="Write in a channel"):
        await desk.ask(memories.REMIND, memories.AddReminder(PENGUINS, "tea", "in 2 hours"), "ghost")
    mine = await desk.ask(memories.REMINDERS, memories.ListReminders(PENGUINS), "dee")
    assert [(view.label, view.text) for view in mine.items] == [("R1", "buy the ring")]
    assert (await desk.ask(memories.REMINDERS, memories.ListReminders(PENGUINS), "eve")).items == ()
    channel = memories.ListReminders(PENGUINS, channel="twitch:1:1")
    with pytest.raises(Forbidden):
        await desk.ask(memories.REMINDERS, channel, "dee")
    assert [view.label for view in (await desk.ask(memories.REMINDERS, channel, "ben")).items] == ["R2"]
    with pytest.raises(Forbidden):
        await desk.ask(memories.CANCEL, memories.ReminderOf(PENGUINS, 1), "ben")
    await desk.ask(memories.CANCEL, memories.ReminderOf(PENGUINS, 1), "dee")
    with pytest.raises(Conflict):
        await desk.ask(memories.CANCEL, memories.ReminderOf(PENGUINS, 1), "dee")


async def test_reminders_are_changed_in_the_portal(desk: Desk) -> None:
    year = datetime.now(UTC).year + 1

    async def change(who: str = "dee", **fields: str) -> memories.ReminderView:
        asked = memories.PatchReminder(PENGUINS, 1, **fields)  # type: ignore[arg-type]
        changed: memories.ReminderView = await desk.ask(memories.CHANGE_REMINDER, asked, who)
        return changed

    daily = memories.AddReminder(
        PENGUINS, "tea", rrule="FREQ=DAILY", clock="20:15", zone="America/New_York", private=True
    )
    made = await desk.ask(memories.REMIND, daily, "dee")
    assert made.recurring
    assert "20:15 E" in made.when
    assert made.ends_at is not None
    assert (await change(text="coffee")).text == "coffee"
    moved = await change(when=f"1 march {year}")
    assert (moved.text, moved.recurring, moved.due_at) == ("coffee", False, datetime(year, 3, 1, 8, 0, tzinfo=UTC))
    for fields, refusal in (
        ({"text": "x" * 501}, "at most 500"), ({"when": "in a bit"}, "understand"),
        ({"rrule": "FREQ=SECONDLY"}, "FREQ"),
        ({"when": "in 2h", "rrule": "FREQ=DAILY"}, "not both"), ({"when": "in 2h", "zone": "Mars"}, "time zone"),
        ({"rrule": "FREQ=DAILY", "clock": "late"}, "18:30"), ({"text": "new", "when": "in 3 years"}, "two years"),
    ):  # fmt: skip
        with pytest.raises(InvalidInput, match=refusal):
            await change(**fields)
    with pytest.raises(Forbidden):
        await change("ben", text="mine")
    assert (await change(rrule="FREQ=WEEKLY;BYDAY=MO", clock="20:00")).text == "coffee"
    assert (await desk.ask(memories.RENEW, memories.ReminderOf(PENGUINS, 1), "dee")).recurring
    with pytest.raises(Conflict):
        await desk.ask(memories.SNOOZE, memories.SnoozeReminder(PENGUINS, 1, 10), "dee")
    with pytest.raises(InvalidInput):
        await desk.ask(memories.SNOOZE, memories.SnoozeReminder(PENGUINS, 1, 10**15), "dee")
    await desk.ask(memories.CANCEL, memories.ReminderOf(PENGUINS, 1), "dee")
    over = await desk.ask(memories.REMINDERS, memories.ListReminders(PENGUINS, state="over"), "dee")
    assert [(view.label, view.status) for view in over.items] == [("R1", "cancelled")]


async def test_only_channels_of_the_community_are_reminded(desk: Desk) -> None:
    foreign = memories.AddReminder(PENGUINS, "hello", "in 2 hours", channel="twitch:9:9")
    with pytest.raises(NotFound):
        await desk.ask(memories.REMIND, foreign, "ben")
    await settings(desk, remind_role="moderator")
    mine = memories.AddReminder(PENGUINS, "hello", "in 2 hours")
    with pytest.raises(Forbidden):
        await desk.ask(memories.REMIND, mine, "dee")
    assert (await desk.ask(memories.REMIND, mine, "ben")).label == "R1"
    with pytest.raises(InvalidInput):
        await settings(desk, default_clock="25:00")


async def test_a_form_hears_what_its_words_mean(desk: Desk) -> None:
    year = datetime.now(UTC).year + 1
    understood = await desk.ask(memories.WHEN, memories.ReadWhen(PENGUINS, f"1 march {year} 20:00"), "dee")
    assert understood.at == datetime(year, 3, 1, 19, 0, tzinfo=UTC)
    assert "1 Mar" in understood.readable
    assert (await desk.ask(memories.WHEN, memories.ReadWhen(PENGUINS, "every friday 18:00"), "dee")).recurring
