"""The first link, signing in and out, and what a person sees first."""

from __future__ import annotations

import pytest

from portal_module_flask.tests.house import EMAIL, PASSWORD, House
from portal_module_flask.visits import own_path


@pytest.mark.promise("portal.1")
async def test_the_first_owner_comes_by_the_printed_link_and_nobody_after_them(new: House) -> None:
    assert "This installation is new" in await new.page("/")
    token = new.link.partition("token=")[2]
    fields = {"token": token, "name": "Ann", "email": EMAIL}
    again = await new.send("/auth/set-up", 400, on=new.link, **fields, password="short")
    assert 'value="Ann"' in again
    assert "short" not in again
    assert await new.send("/auth/set-up", on=new.link, **fields, password=PASSWORD) == "/communities/new"
    assert "Ann" in await new.page("/me")
    assert len(new.printed) == 1
    for path in (new.link, "/auth/set-up?token=anything", "/auth/set-up"):
        assert "was used or is too old" in await new.page(path, 404)
    other = new.stranger()
    assert "This installation is new" not in await other.page("/")
    late = await other.post("/auth/set-up", on="/auth/sign-in", **fields, password=PASSWORD)
    assert late.status_code in {400, 404, 409}
    assert not any(cookie.startswith("waddlebot=") for cookie in late.headers.getlist("Set-Cookie"))


async def test_signing_out_ends_the_session_everywhere(house: House) -> None:
    secret = house.cookie()
    assert await house.send("/auth/sign-out", on="/me") == "/"
    thief = house.stranger()
    thief.web.set_cookie("localhost", "waddlebot", secret)
    assert (await thief.look("/me", 302))[1]["Location"] == "/auth/sign-in?next=%2Fme"
    assert await house.sign_in() == "/"
    assert "Penguins" in await house.page(f"{house.here}/home")


async def test_signing_in_leads_back_to_the_page_and_to_no_other_site(house: House) -> None:
    stranger = house.stranger()
    for wrong in ({"email": EMAIL, "password": "wrong password"}, {"email": "eve@example.org", "password": PASSWORD}):
        assert "do not belong together" in await stranger.send("/auth/sign-in", 401, **wrong)
    where = await stranger.send("/auth/sign-in", email=EMAIL, password=PASSWORD, next=f"{house.here}/members?q=a")
    assert where == f"{house.here}/members?q=a"
    other = house.stranger()
    fields = {"email": EMAIL, "password": PASSWORD, "next": "https://evil.example/"}
    assert await other.send("/auth/sign-in", **fields) == "/"


@pytest.mark.parametrize("path", ["", "//evil.example", "/\\evil.example", "https://evil.example", "/a\nb", "me"])
def test_only_own_paths_are_gone_to(path: str) -> None:
    assert own_path(path) == "/"
    assert own_path("/me?a=b") == "/me?a=b"


async def test_the_first_page_is_the_only_community_or_a_list(new: House) -> None:
    await new.set_up()
    assert "You are in no community yet." in await new.page("/")
    assert "such as Europe/Berlin" in await new.page("/communities/new")
    said = await new.send("/communities/new", 400, name="Penguins", time_zone="Mars/North")
    assert 'value="Penguins"' in said
    assert 'value="Mars/North"' in said
    first = await new.send("/communities/new", name="Penguins", time_zone="Europe/Berlin")
    assert (await new.look("/", 303))[1]["Location"] == first.replace("playground", "home")
    second = await new.send("/communities/new", name="Seals")
    listed = await new.page("/")
    for path in (first, second):
        assert path.replace("playground", "home") in listed


async def test_a_page_that_is_not_there_says_so(house: House) -> None:
    assert "There is no such page." in await house.page("/nowhere", 404)
    assert "Home</a>" in await house.page(f"{house.here}/nowhere", 404)
    answer = await house.web.get("/api/v1/nowhere")
    assert (answer.status_code, (await answer.get_json())["error"]) == (404, "not_found")
    assert (await house.web.put("/me")).status_code == 405
    assert (await house.web.get("/static/portal.css")).headers["Cache-Control"] == "public, max-age=3600"
