"""What an owner does once, with forms alone: hand over, delete, bring back."""

from __future__ import annotations

import pytest

from flask_core.contracts import community
from flask_core.datamodels import Account
from portal_module_flask.tests.house import House
from portal_module_flask.tests.neighbours import Neighbours

CALLED = "penguins"


@pytest.mark.promise("community.20")
async def test_the_owner_deletes_with_the_short_name_typed_and_restores(house: House) -> None:
    danger = f"{house.here}/danger"
    html = await house.send(f"{danger}/delete", 409, on=danger, slug="pelicans")
    assert "That is not its short name. Type penguins to delete «Penguins»." in html
    assert await house.send(f"{danger}/delete", on=danger, slug=CALLED) == danger
    html = await house.page(danger)
    assert "Penguins is deleted" in html
    assert "everything can be read and nothing changed" in await house.page(f"{house.here}/members")
    answer = await house.post(f"{house.here}/modules/memories/switch", on=danger, enabled="no")
    assert answer.status_code == 410
    front = await house.page("/")
    assert "You are in no community yet." in front
    assert f'<a href="{danger}"><strong>Penguins</strong></a>' in front
    assert await house.send(f"{danger}/restore", on=danger) == f"{house.here}/home"
    assert "nothing changed" not in await house.page(f"{house.here}/home")
    assert await house.send(f"{house.here}/modules/memories/switch", on=danger, enabled="yes")
    assert "No such community." in await house.send(f"{danger}/restore", 404, on=danger)


async def test_a_name_that_was_taken_meanwhile_asks_for_another(house: House) -> None:
    danger = f"{house.here}/danger"
    await house.send(f"{danger}/delete", on=danger, slug=CALLED)
    await house.send("/communities/new", name="Penguins")
    html = await house.send(f"{danger}/restore", 409, on=danger)
    assert "The name is taken meanwhile." in html
    assert '<label for="name">Another name</label>' in html
    assert await house.send(f"{danger}/restore", on=danger, name="Old penguins") == f"{house.here}/home"
    assert "Old penguins" in await house.page(f"{house.here}/home")


@pytest.mark.promise("community.20")
async def test_the_owner_offers_and_the_member_agrees(house: House) -> None:
    neighbours, danger = await Neighbours.of(house), f"{house.here}/danger"
    ben = await neighbours.becomes("Ben", "discord", "moderator")
    dee = await neighbours.becomes("Dee", "discord", "vip")
    assert "No active member is called Eve." in await house.send(
        f"{danger}/transfer", 404, on=danger, member="Eve", slug=CALLED
    )
    html = await house.send(f"{danger}/transfer", 409, on=danger, member="Ben", slug="pelicans")
    assert "Type penguins to hand «Penguins» over." in html
    assert 'value="Ben"' in html
    await house.send(f"{danger}/transfer", on=danger, member="ben", slug=CALLED)
    assert "<strong>Ben</strong> has to agree" in await house.page(danger)
    offer = f"{house.here}/transfer"
    assert "Nobody is handing Penguins over to you." in await dee.page(offer)
    html = await ben.page(offer)
    assert "<strong>Ann</strong> wants to hand Penguins over to you." in html
    number = html.split(f"{offer}/")[1].split("/")[0]
    assert "No such transfer." in await dee.send(f"{offer}/{number}/accept", 404, on=offer)
    assert await ben.send(f"{offer}/{number}/accept", on=offer) == f"{house.here}/home"
    assert "Hand Penguins over" in await ben.page(danger)
    assert "You are admin here." in await house.page(danger, 403)


async def test_either_calls_it_off(house: House) -> None:
    neighbours, danger, offer = await Neighbours.of(house), f"{house.here}/danger", f"{house.here}/transfer"
    ben = await neighbours.becomes("Ben", "discord", "moderator")
    for browser, page in ((house, danger), (ben, offer)):
        await house.send(f"{danger}/transfer", on=danger, member="Ben", slug=CALLED)
        number = (await house.page(danger)).split(f"{offer}/")[1].split("/")[0]
        assert await browser.send(f"{offer}/{number}/call-off", on=page) == page
        assert "has to agree" not in await house.page(danger)


async def test_of_two_with_one_name_the_owner_chooses(house: House) -> None:
    danger = f"{house.here}/danger"
    room, ask = f"console:{house.community_id}:playground", house.inst.client("router").call
    both = tuple(community.ContextItem(room, Account(user, "dee", "Dee")) for user in ("dee-1", "dee-2"))
    await ask("community", community.CONTEXT, community.ContextRequest(both))
    html = await house.send(f"{danger}/transfer", 200, on=danger, member="dee", slug=CALLED)
    assert "Several people are called dee" in html
    chosen = html.split('name="member_id" value="')[2].split('"')[0]
    await house.send(f"{danger}/transfer", on=danger, member="dee", member_id=chosen, slug=CALLED)
    assert "<strong>Dee</strong> has to agree" in await house.page(danger)
