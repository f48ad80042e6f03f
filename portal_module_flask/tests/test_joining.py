"""Coming in by the portal: asking, being let in, links, and who decides who may come in."""

from __future__ import annotations

import html
import re

import pytest

from portal_module_flask.tests.house import House
from portal_module_flask.tests.neighbours import Neighbours


async def close_the_door(house: House, mode: str) -> str:
    """Ann chooses who may come in; the page of members."""
    members = f"{house.here}/members"
    page = await house.page(f"{members}/invitations")
    version = page.split('name="version" value="')[1].split('"')[0]
    await house.send(f"{members}/door", on=f"{members}/invitations", join_mode=mode, public="yes", version=version)
    return members


@pytest.mark.promise("community.10")
async def test_somebody_asks_and_a_moderator_lets_them_in(house: House) -> None:
    neighbours = await Neighbours.of(house)
    members = await close_the_door(house, "approval")
    kim = neighbours.moves_in("Kim")
    assert "Join or leave" in await kim.page(f"{members}/me")
    assert "Nobody asks to come in." in await house.page(f"{members}/requests")
    await kim.send(f"{members}/me/join", on=f"{members}/me", message="I know <Ann>")
    assert "waits for a moderator" in await kim.page(f"{members}/me")
    listed = await house.page(f"{members}/requests")
    assert "I know &lt;Ann&gt;" in listed
    number = listed.split(f"{members}/requests/")[1].split('"')[0]
    answer = f"{members}/requests/{number}"
    await kim.page(f"{members}/requests", 403)
    assert "Kim</strong>" in await house.page(f"{members}?status=pending")
    assert "Kim</strong>" not in await house.page(members)
    await house.send(answer, on=f"{members}/requests", answer="accept")
    assert "Kim was accepted already." in await house.send(answer, 409, on=f"{members}/requests", answer="deny")
    assert "You are in, as <strong>viewer" in await kim.page(f"{members}/me")
    assert "Kim</strong>" in await house.page(members)
    assert "Kim</strong>" in await house.page(f"{members}/requests?state=accepted")
    await kim.send(f"{members}/me/leave", on=f"{members}/me")
    assert "Ask to come in" in await kim.page(f"{members}/me")


async def test_whoever_is_refused_reads_why_and_until_when(house: House) -> None:
    neighbours = await Neighbours.of(house)
    members = await close_the_door(house, "approval")
    kim = neighbours.moves_in("Kim")
    await kim.send(f"{members}/me/join", on=f"{members}/me")
    number = (await house.page(f"{members}/requests")).split(f"{members}/requests/")[1].split('"')[0]
    await house.send(f"{members}/requests/{number}", on=f"{members}/requests", answer="deny", reason="no <penguin>")
    told = await kim.page(f"{members}/me")
    assert "no &lt;penguin&gt;" in told
    assert "You may ask again from" in told
    assert "You were refused." in await kim.send(f"{members}/me/join", 403, on=f"{house.here}/commands")
    assert "no &lt;penguin&gt;" in await house.page(f"{members}/requests?state=denied")


@pytest.mark.promise("community.11")
async def test_a_link_is_shown_once_and_lets_a_person_in(house: House) -> None:
    neighbours = await Neighbours.of(house)
    members = await close_the_door(house, "invite")
    kim, eve = neighbours.moves_in("Kim"), neighbours.moves_in("Eve")
    assert "By invitation only." in await kim.page(f"{members}/me")
    invitations = f"{members}/invitations"
    made = await house.send(invitations, 200, on=invitations, role="vip", uses="1", seconds="86400")
    link = re.search(r'id="link">https?://[^/]+(/i/[^<]+)<', html.unescape(made))
    assert link is not None
    assert link[1] not in await house.page(invitations)
    where = (await house.stranger().look(link[1], 302))[1]["Location"]
    assert where == f"/auth/sign-in?next={link[1].replace('/', '%2F')}"
    shown = await kim.page(link[1])
    assert "<strong>Ann</strong> invites you as vip." in shown
    assert await kim.send(link[1], on=link[1]) == f"{members}/me"
    assert "You are in, as <strong>vip" in await kim.page(f"{members}/me")
    assert "used or is over" in await eve.page(link[1], 410)
    assert "used or is over" in await eve.send(link[1], 410, on=f"{house.here}/commands")
    await eve.page("/i/guessed", 404)


async def test_a_link_stays_out_of_the_log_when_its_page_breaks(
    house: House, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object, **__: object) -> None:
        raise RuntimeError("something nobody thought of")

    monkeypatch.setattr("portal_module_flask.views.joining.ask", broken)
    assert "Something went wrong on our side" in await house.page("/i/a-secret-token", 500)
    assert "failed on /i/<token> (trace" in caplog.text
    assert "a-secret-token" not in caplog.text


async def test_open_invitations_are_listed_and_ended(house: House) -> None:
    members = await close_the_door(house, "invite")
    invitations = f"{members}/invitations"
    assert "No invitation is open." in await house.page(invitations)
    assert "An invitation is good for 1 to 1000 people." in await house.send(
        invitations, 400, on=invitations, role="viewer", uses="2000", seconds="3600"
    )
    assert "Write one of these roles" in await house.send(invitations, 400, on=invitations, role="king", uses="1")
    await house.send(invitations, 200, on=invitations, role="viewer", uses="3", seconds="3600")
    listed = await house.page(invitations)
    assert "0 of 3" in listed
    number = listed.split(f"{invitations}/")[1].split("/")[0]
    await house.send(f"{invitations}/{number}/end", on=invitations)
    assert "No invitation is open." in await house.page(invitations)


async def test_guests_are_let_in_and_members_removed_on_their_page(house: House) -> None:
    members = await close_the_door(house, "approval")
    await house.say("hello", who="Dee")
    assert "Dee</strong>" not in await house.page(members)
    guests = await house.page(f"{members}?status=guest")
    dee = guests.split(f"{members}/")[-1].split("/")[0]
    await house.send(f"{members}/{dee}/add", on=members)
    assert "Dee</strong>" in await house.page(members)
    assert await house.send(f"{members}/{dee}/remove", on=members) == f"{members}?status=left"
    assert "Dee</strong>" not in await house.page(members)
    assert await house.send(f"{members}/{dee}/add", on=members) == f"{members}/invitations"
    assert "<strong>Dee</strong>" in await house.page(f"{members}/invitations")
    assert (await house.say("!community join", who="Dee")).startswith("Welcome to")


async def test_the_second_to_change_the_door_hears_of_the_first(house: House) -> None:
    members = await close_the_door(house, "approval")
    said = await house.send(f"{members}/door", 409, on=f"{members}/invitations", join_mode="open", version="1")
    assert "Somebody changed this community meanwhile." in said
    assert 'value="approval" checked' in said
