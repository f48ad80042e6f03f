"""How entries are sorted and found again: categories, tags, names."""

from __future__ import annotations

import pytest

from flask_core.contracts import memories, module
from flask_core.errors import Conflict, Forbidden, InvalidInput, LimitReached, NotFound
from memories_interaction_module_flask.tests.desk import OTTERS, PENGUINS, Desk, one, quote, settings


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

    receipt = await desk.call("identity", module.ERASE, module.PersonAccounts("r1", (("twitch", "77"),)))
    assert receipt.kept["quotes of you"].startswith("#2 in community 2:")
