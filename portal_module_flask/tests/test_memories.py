"""Quotes, links and notes on their page."""

from __future__ import annotations

from portal_module_flask.tests.house import House


async def test_entries_are_kept_changed_binned_and_brought_back(house: House) -> None:
    memories = f"{house.here}/memories"
    assert "Nothing is kept here yet." in await house.page(memories)
    assert await house.send(memories, kind="quote", content="first, make it work", author="Kent") == (
        f"{memories}?kind=quote"
    )
    await house.send(memories, kind="link", title="Guide", url="https://example.org", tags="help docs")
    assert "Guide" not in await house.page(f"{memories}?kind=quote")
    assert '<span class="mark">docs</span>' in await house.page(f"{memories}?kind=link")
    assert "first, make it work" in await house.page(f"{memories}?q=work")
    await house.send(f"{memories}/quote/1", on=memories, version="1", content="make it right")
    await house.send(f"{memories}/quote/1/delete", on=memories)
    assert "make it right" not in await house.page(memories)
    assert "make it right" in await house.page(f"{memories}?state=deleted")
    await house.send(f"{memories}/quote/1/restore", on=f"{memories}?state=deleted", state="deleted")
    assert "make it right" in await house.page(f"{memories}?kind=quote")
    assert await house.say("!quote 1", who="Dee") != ""


async def test_what_is_refused_comes_back_with_what_was_typed(house: House) -> None:
    memories = f"{house.here}/memories"
    said = await house.send(memories, 400, kind="link", title="The guide", url="ftp://x", tags="one two")
    assert "An address begins with http" in said
    for kept in ('value="The guide"', 'value="ftp://x"', 'value="one two"', "<option selected>link</option>"):
        assert kept in said
    assert "Search for at least 2" in await house.page(f"{memories}?q=x", 400)
    await house.send(memories, kind="quote", content="here")
    assert "Choose quote, link or note." in await house.send(f"{memories}/poem/1/delete", 400, on=memories)
    assert "cannot be done with an entry" in await house.send(f"{memories}/quote/1/frame", 400, on=memories)
    await house.send(f"{memories}/quote/7/delete", 404, on=memories)
    stale = await house.send(f"{memories}/quote/1", 409, on=memories, version="9", content="late")
    assert "late" not in await house.page(memories)
    assert "That did not work" in stale


async def test_long_lists_have_pages(house: House) -> None:
    memories = f"{house.here}/memories"
    for number in range(26):
        await house.send(memories, kind="note", title=f"note number {number}", content="text")
    assert "note number 0<" not in await house.page(memories)
    assert "note number 0<" in await house.page(f"{memories}?page=2")
    assert "Newer</a>" in await house.page(f"{memories}?page=2")


async def test_bin_and_suggestions_begin_empty(house: House) -> None:
    for state in ("pending", "deleted"):
        assert "Nothing is kept here yet." in await house.page(f"{house.here}/memories?state={state}")
