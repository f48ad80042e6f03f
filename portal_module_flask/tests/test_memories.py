"""Quotes, links and notes on their page."""

from __future__ import annotations

from portal_module_flask.tests.house import House
from portal_module_flask.tests.neighbours import Neighbours


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
    gone = await house.page(await house.send(f"{memories}/quote/1/delete", on=memories))
    assert "make it right" not in gone
    assert "#1 is in the bin for 30 days." in gone
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


async def test_long_lists_have_pages(house: House) -> None:
    memories = f"{house.here}/memories"
    for number in range(26):
        await house.send(memories, kind="note", title=f"note number {number}", content="text")
    assert "note number 0<" not in await house.page(memories)
    assert "note number 0<" in await house.page(f"{memories}?page=2")
    assert "Newer</a>" in await house.page(f"{memories}?page=2")
    assert "note number 0<" in await house.page(f"{memories}?sort=number")


async def test_a_deleted_entry_comes_back_with_one_press(house: House) -> None:
    memories = f"{house.here}/memories"
    await house.send(memories, kind="note", title="Rules", content="be kind")
    gone = await house.send(f"{memories}/note/1/delete", on=memories)
    assert f'action="{memories}/note/1/restore"' in await house.page(gone)
    assert "be kind" in await house.page(await house.send(f"{memories}/note/1/restore", on=gone))
    assert "is not in the bin" in await house.send(f"{memories}/note/1/restore", 409, on=memories)


async def test_the_bin_begins_empty_and_admins_empty_it(house: House) -> None:
    memories = f"{house.here}/memories"
    bin_ = f"{memories}?state=deleted"
    assert "The bin is empty." in await house.page(bin_)
    assert "No suggestion waits." in await house.page(f"{memories}?state=pending")
    await house.send(memories, kind="quote", content="forget me")
    await house.send(f"{memories}/quote/1/delete", on=memories)
    assert "Empty the bin" in await house.page(bin_)
    ben = await (await Neighbours.of(house)).becomes("Ben", "discord", "moderator")
    seen = await ben.page(bin_)
    assert "forget me" in seen
    assert "Empty the bin" not in seen
    await house.send(f"{memories}/empty-bin", on=bin_, sure="yes")
    assert "The bin is empty." in await house.page(bin_)
    assert "There is no #1." in await house.send(f"{memories}/quote/1/restore", 404, on=memories)


async def test_suggestions_wait_for_a_decision(house: House) -> None:
    memories, settings = f"{house.here}/memories", f"{house.here}/modules/memories"
    dee = await (await Neighbours.of(house)).becomes("Dee", "twitch", "viewer")
    assert "Suggestions are off here." in await dee.send(memories, 403, kind="quote", content="mine")
    version = (await house.page(settings)).split('name="version" value="')[1].split('"')[0]
    await house.send(settings, version=version, suggestions="on", own_edit_minutes="15")
    for words in ("yes please", "no thanks"):
        told = await dee.page(await dee.send(memories, kind="quote", content=words))
        assert "Your suggestion waits for a moderator." in told
        assert words not in told
    waiting = f"{memories}?state=pending"
    assert "from Dee" in await house.page(waiting)
    assert (await house.send(f"{memories}/quote/1/approve", on=waiting, state="pending")).endswith(
        "state=pending&kind="
    )
    await house.send(f"{memories}/quote/2/reject", on=waiting, state="pending")
    assert "No suggestion waits." in await house.page(waiting)
    kept = await dee.page(memories)
    assert "yes please" in kept
    assert "no thanks" not in kept
    again = await house.send(f"{memories}/quote/1/approve", 409, on=waiting, state="pending")
    assert "#1 is not waiting for a decision." in again


async def test_votes_are_given_and_taken_back(house: House) -> None:
    memories = f"{house.here}/memories"
    await house.say('!quote add "ship it" by Grace', who="Ben")
    vote = f"{memories}/quote/1/vote"
    for value, points, pressed in (("up", 1, 1), ("down", -1, 1), ("none", 0, 0)):
        await house.send(vote, on=memories, value=value)
        html = await house.page(memories)
        assert f"<span>{points}<" in html
        assert html.count('aria-pressed="true"') == pressed
    await house.send(memories, kind="quote", content="my own")
    assert "That did not work" not in await house.send(f"{memories}/quote/2/vote", 403, on=memories, value="up")


async def test_an_entry_is_changed_on_its_own_page(house: House) -> None:
    memories = f"{house.here}/memories"
    await house.send(memories, kind="link", title="Guide", url="https://example.org", content="the guide")
    link = f"{memories}/link/1"
    fields = {"title": "The guide", "url": "https://example.org/new", "content": "", "tags": "help", "may_hide": "yes"}
    assert await house.send(link, version="1", private="yes", **fields) == f"{link}?saved=1"
    shown = await house.page(f"{link}?saved=1")
    for part in ("Saved.", 'value="The guide"', 'href="https://example.org/new"', "moderators only", ">help</span>"):
        assert part in shown
    refused = await house.send(link, 400, version="2", title="The guide", url="javascript:alert(1)")
    assert "An address begins with http" in refused
    assert 'value="javascript:alert(1)"' in refused
    assert 'href="javascript' not in refused
    await house.page(f"{memories}/link/9", 404)


async def test_who_changes_what_was_changed_meanwhile_sees_both(house: House) -> None:
    quote = f"{house.here}/memories/quote/1"
    await house.send(f"{house.here}/memories", kind="quote", content="first", author="Kent")
    await house.send(quote, version="1", content="second", author="Kent")
    stale = await house.send(quote, 409, version="1", content="third", author="Kent")
    assert "Somebody changed #1 meanwhile." in stale
    assert ">third</textarea>" in stale
    assert stale.count('<p class="warning">Saved:') == 1
    assert "Saved: second" in stale
    version = stale.split('name="version" value="')[1].split('"')[0]
    await house.send(quote, version=version, content="third", author="Kent")
    assert ">third<" in await house.page(f"{house.here}/memories")


async def test_a_viewer_reads_an_entry_and_changes_only_their_own(house: House) -> None:
    quote = f"{house.here}/memories/quote/1"
    await house.send(f"{house.here}/memories", kind="quote", content="ours")
    dee = await (await Neighbours.of(house)).becomes("Dee", "twitch", "viewer")
    shown = await dee.page(quote)
    assert "ours" in shown
    assert "Change it" not in shown
    assert "Only moderators can change #1" in await dee.send(quote, 403, on=f"{house.here}/memories", version="1")
