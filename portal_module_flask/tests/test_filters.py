"""Filters on their page: switched, tuned, tried out; offences forgiven, first messages let through."""

from __future__ import annotations

import re

from portal_module_flask.tests.house import House
from portal_module_flask.tests.neighbours import Neighbours


def filters(house: House) -> str:
    """The page."""
    return f"{house.here}/moderation/filters"


def version(page: str, name: str) -> str:
    """The version in the form of a filter."""
    found = re.search(r'name="version" value="(\d+)"', page.split(f'id="{name}"')[1])
    assert found is not None
    return found[1]


async def switch_on(house: House, name: str) -> None:
    """The button of a filter that is off."""
    here = filters(house)
    asked = {"version": version(await house.page(here), name), "enabled": "yes"}
    where = await house.send(f"{here}/{name}/switch", on=here, **asked)
    assert where == f"{here}?saved={name}#{name}"
    assert "saved. It counts from now on." in await house.page(where.partition("#")[0])


async def test_a_moderator_switches_and_tunes_without_scripts(house: House) -> None:
    here = filters(house)
    cy = await (await Neighbours.of(house)).becomes("Cy", "slack", "moderator")
    assert await cy.page(here)
    await switch_on(house, "caps")
    form = {"ladder": "warn, 10m", "message": "Hush, {user}", "exempt_role": "vip", "version": "1"}
    slid = {"o.letters": "12", "o.letters.exact": "10", "o.letters.was": "10"}
    typed = {"o.percent": "70", "o.percent.exact": "33", "o.percent.was": "70"}
    await house.send(f"{here}/caps", on=here, **form, **slid, **typed)
    page = (await house.page(here)).split('id="caps"')[1].split("</section>")[0]
    for part in (
        'id="caps-letters" name="o.letters" min="1" max="200" value="12"',
        'name="o.percent" min="0" max="99" value="33"',
        'value="warn, 10m"', 'value="Hush, {user}"', "<option selected>vip</option>", ">on</span>",
    ):  # fmt: skip
        assert part in page
    assert await house.say("LOUD LOUD LOUD LOUD") == "Hush, @Dee"


async def test_what_cannot_be_is_said_and_what_was_typed_stays(house: House) -> None:
    here = filters(house)
    fields = {"o.longest": "400", "o.longest.exact": "4", "o.longest.was": "400", "ladder": "warn"}
    refused = await house.send(f"{here}/length", 400, on=here, version="0", **fields)
    assert "Longest line: write a number from 20 to 4000." in refused
    fields |= {"o.longest.exact": "200", "ladder": "warn, jail"}
    refused = await house.send(f"{here}/length", 400, on=here, version="0", **fields)
    assert "A step is delete, warn, ban, or a time" in refused
    section = refused.split('id="length"')[1].split("</section>")[0]
    for part in ('value="warn, jail"', 'value="200"', "<details open>"):
        assert part in section
    await house.send(f"{here}/length", on=here, version="0", **fields | {"ladder": "warn"})
    assert "Somebody changed this filter meanwhile." in await house.send(
        f"{here}/length", 409, on=here, version="0", **fields | {"ladder": "warn"}
    )
    assert "There is no such filter." in await house.send(f"{here}/jokes", 404, on=here, version="0")


async def test_a_text_is_tried_out(house: House) -> None:
    here = filters(house)
    await switch_on(house, "links")
    tried = await house.send(f"{here}/try", 200, on=here, text="LOOK AT EXAMPLE . COM <b>")
    hits = tried.split('id="hits"')[1].split("</form>")[0]
    assert '<strong>Links</strong> <span class="muted">link to example.com</span>' in hits
    assert "deleted, warned" in hits
    assert "<strong>Capitals</strong>" in hits
    assert "First message" not in hits
    assert 'value="LOOK AT EXAMPLE . COM &lt;b&gt;"' in tried
    first = await house.send(f"{here}/try", 200, on=here, text="buy followers", first="yes")
    assert "first message with “buy followers”" in first
    answer = await house.post(f"{here}/try", on=here, headers={"X-Requested-With": "fetch"}, text="hello")
    words = (await answer.get_data()).decode()
    assert "No filter says anything about it." in words
    assert "<html" not in words


async def test_offences_are_listed_and_forgiven(house: House) -> None:
    here = filters(house)
    assert "Nobody ran into a filter yet." in await house.page(here)
    await switch_on(house, "links")
    await house.say("see example.com")
    page = (await house.page(here)).split('id="offences"')[1]
    member = re.search(r'name="member_id" value="([^"]+)"', page)
    assert member is not None
    assert "Forgive Dee: Links" in page
    for status in (303, 404):
        await house.send(f"{here}/forgive", status, on=here, member_id=member[1], filter="links")
    assert "Nobody ran into a filter yet." in await house.page(here)


async def test_first_messages_wait_until_somebody_decides(house: House) -> None:
    here = filters(house)
    await switch_on(house, "first_message")
    await house.say("see example.com", who="Dee")
    await house.send(f"{house.playground}/people", on=house.playground, name="Sam", look="discord")
    await house.say("buy followers", who="Sam")
    page = await house.page(here)
    numbers = re.findall(r"held/(\d+)/release", page)
    assert "Drop what Sam wrote" in page
    await house.send(f"{here}/held/{numbers[0]}/release", on=here)
    await house.send(f"{here}/held/{numbers[1]}/delete", on=here)
    assert "This message does not wait any more." in await house.send(f"{here}/held/{numbers[1]}/release", 404, on=here)
    assert "First messages that wait" not in await house.page(here)
    assert [line.text for line in await house.lines() if "example.com" in line.text][-1] == "Dee: see example.com"
