"""Entries that come from elsewhere, and that are taken along."""

from __future__ import annotations

import pytest

from flask_core.contracts import memories
from flask_core.errors import Forbidden, InvalidInput
from memories_interaction_module_flask.tests.desk import OTTERS, PENGUINS, Desk, one, quote


async def bring(desk: Desk, text: str, form: str, *, dry: bool = False, into: int = PENGUINS) -> list[str]:
    """What becomes of every row."""
    asked = memories.ImportEntries(into, text, form, dry)  # type: ignore[arg-type]
    report = await desk.ask(memories.IMPORT, asked)
    assert report.kept == (0 if dry else sum(row.outcome == "new" for row in report.rows))
    return [row.outcome + (f": {row.reason}" if row.reason else "") for row in report.rows]


async def fill(desk: Desk) -> None:
    """Two quotes with a gap between their numbers, a link, and notes, one of them private."""
    await desk.ask(memories.ADD_CATEGORY, memories.AddCategory(PENGUINS, "Fun"))
    for text in ('"quoted", with commas\nand lines', "soon gone", "für alle"):
        new = quote(text, author="Grace", tags=("fun", "old"), context="Celeste", category="Fun")
        await desk.ask(memories.ADD, new)
    await desk.ask(memories.DELETE, one(number=2))
    await desk.ask(memories.ADD, memories.AddEntry(PENGUINS, "link", "how", "Guide", "https://example.org/a?b=c"))
    await desk.ask(memories.ADD, memories.AddEntry(PENGUINS, "note", "be kind", "Rules"))
    await desk.ask(memories.ADD, memories.AddEntry(PENGUINS, "note", "1234", "Code", private=True))


async def seen(desk: Desk, community_id: int) -> list[tuple[object, ...]]:
    page = await desk.ask(memories.LIST, memories.ListEntries(community_id, sort="new"))
    return sorted(
        (e.label, e.title, e.content, e.url, e.author, e.tags, e.private, e.context, e.category) for e in page.items
    )


@pytest.mark.promise("memories.20")
@pytest.mark.parametrize("form", ["json", "csv"])
async def test_what_we_export_changes_nothing_where_it_came_from(desk: Desk, form: str) -> None:
    await fill(desk)
    before = await seen(desk, PENGUINS)
    text = (await desk.ask(memories.EXPORT, memories.ExportEntries(PENGUINS, form))).text  # type: ignore[arg-type]
    for dry in (True, False):
        outcomes = await bring(desk, text, form, dry=dry)
        assert [outcome.partition(":")[0] for outcome in outcomes] == ["same"] * 5
    assert await seen(desk, PENGUINS) == before
    assert (await desk.ask(memories.ADD, quote("the next one"))).label == "#4"


@pytest.mark.promise("memories.20")
@pytest.mark.parametrize("form", ["json", "csv"])
async def test_what_we_export_is_the_same_elsewhere(desk: Desk, form: str) -> None:
    await fill(desk)
    text = (await desk.ask(memories.EXPORT, memories.ExportEntries(PENGUINS, form))).text  # type: ignore[arg-type]
    assert await bring(desk, text, form, into=OTTERS) == ["new"] * 5
    assert await seen(desk, OTTERS) == await seen(desk, PENGUINS)


@pytest.mark.promise("memories.20")
async def test_a_streamelements_list_keeps_its_numbers(desk: Desk) -> None:
    text = '#3. ship it\n\n7: "works here"\n#12 it depends\nno number\n'
    expected = ["new", "new", "new", "invalid: No number at the start."]
    assert await bring(desk, text, "streamelements", dry=True) == expected
    assert await seen(desk, PENGUINS) == []
    assert await bring(desk, text, "streamelements") == expected
    page = await desk.ask(memories.LIST, memories.ListEntries(PENGUINS))
    assert [(e.number, e.content) for e in page.items] == [(3, "ship it"), (7, "works here"), (12, "it depends")]
    assert (await desk.ask(memories.ADD, quote("the next one"))).label == "#13"


@pytest.mark.promise("memories.20")
@pytest.mark.parametrize("dry", [True, False])
async def test_a_taken_number_is_told(desk: Desk, dry: bool) -> None:
    await desk.ask(memories.ADD, quote("ship it"))
    await desk.ask(memories.ADD, quote("works here"))
    await desk.ask(memories.DELETE, one(number=2))
    rows = "1. something else\n5. Ship it!\n2. the bin keeps its numbers\n6. new\n6. twice in the list\n"
    assert await bring(desk, rows, "streamelements", dry=dry) == [
        "taken: #1 is taken.",
        "same: That is already #1.",
        "taken: #2 is taken.",
        "new",
        "taken: #6 is taken.",
    ]


async def test_rows_that_cannot_be_read_are_told_one_by_one(desk: Desk) -> None:
    csv = (
        "kind,number,content,title,url\nquote,one,hello\npoem,1,hello\nquote,,hello\nlink,0,,Guide,ftp://example.org\n"
    )
    problem = "invalid: Each row needs a kind (quote, link, note) and a number."
    assert await bring(desk, csv, "csv") == [
        problem, problem, "new", "invalid: An address begins with http:// or https://.",
    ]  # fmt: skip
    outcomes = await bring(desk, '[{"content": "fine"}, {"number": "x"}, {"content": ""}]', "json")
    assert [outcome.partition(":")[0] for outcome in outcomes] == ["new", "invalid", "invalid"]
    with pytest.raises(InvalidInput, match="no list of entries"):
        await bring(desk, "{}", "json")
    with pytest.raises(InvalidInput, match="at most 5000 rows"):
        await bring(desk, "1. x\n" * 5_001, "streamelements")
    with pytest.raises(InvalidInput, match="at most 1000000 characters"):
        await bring(desk, "x" * 1_000_001, "csv")


async def test_only_admins_bring_and_take_along(desk: Desk) -> None:
    with pytest.raises(Forbidden):
        await desk.ask(memories.IMPORT, memories.ImportEntries(PENGUINS, "[]"), "ben")
    with pytest.raises(Forbidden):
        await desk.ask(memories.EXPORT, memories.ExportEntries(PENGUINS), "ben")
