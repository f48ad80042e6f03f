"""Categories on their page, and entries that are put into them."""

from __future__ import annotations

from portal_module_flask.tests.house import House
from portal_module_flask.tests.neighbours import Neighbours


async def test_categories_are_made_changed_and_forgotten(house: House) -> None:
    memories = f"{house.here}/memories"
    categories = f"{memories}/categories"
    assert "No category yet." in await house.page(categories)
    await house.send(categories, name="Speed runs", colour="#2E7D32", icon="🏁")
    listed = await house.page(categories)
    assert 'fill="#2e7d32"' in listed
    assert f'🏁 <a href="{memories}?category=Speed%20runs"><strong>Speed runs</strong>' in listed
    await house.send(memories, kind="quote", content="no time", category="Speed runs")
    await house.send(memories, kind="quote", content="somewhere else")
    inside = await house.page(f"{memories}?category=Speed%20runs")
    assert "no time" in inside
    assert "somewhere else" not in inside
    assert "<option selected>Speed runs</option>" in inside
    one = f"{categories}/" + listed.split(f'action="{categories}/')[1].split('"')[0]
    await house.send(one, on=categories, name="Runs", colour="#1565c0", icon="")
    assert "><strong>Runs</strong>" in await house.page(categories)
    await house.send(f"{one}/delete", on=categories)
    assert "No category yet." in await house.page(categories)
    assert "no time" in await house.page(memories)
    assert "There is no such category." in await house.send(f"{one}/delete", 404, on=categories)


async def test_what_is_refused_comes_back_in_its_own_form(house: House) -> None:
    categories = f"{house.here}/memories/categories"
    for name in ("Runs", "Art"):
        await house.send(categories, name=name, colour="#112233")
    twice = await house.send(categories, 409, name="runs", colour="#445566", icon="🎨")
    assert 'id="name" name="name" value="runs"' in twice
    assert 'value="#445566"' in twice
    first = f"{categories}/" + twice.split(f'action="{categories}/')[1].split('"')[0]
    wrong = await house.send(first, 400, on=categories, name="Painting", colour="green")
    assert "A colour is written #rrggbb." in wrong
    assert wrong.count('value="Painting"') == 1
    assert 'id="name" name="name" value=""' in wrong


async def test_viewers_have_no_page_of_categories(house: House) -> None:
    dee = await (await Neighbours.of(house)).becomes("Dee", "twitch", "viewer")
    memories = await dee.page(f"{house.here}/memories")
    for moderators in ("Categories", "Suggestions", "Bin", "Import"):
        assert moderators not in memories
    assert "Only moderators can see that." in await dee.page(f"{house.here}/memories/categories", 403)
