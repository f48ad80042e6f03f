"""Behind the pages: what modules refuse, keep apart and survive."""

from __future__ import annotations

import pytest

from flask_core.auth import utc_now
from flask_core.contracts import browser_source, community, router
from flask_core.datamodels import Role
from flask_core.errors import Forbidden
from flask_core.operations import Acting
from tests.house import PASSWORD, House


@pytest.mark.promise("portal.2")
async def test_pages_ask_for_sign_in_and_forms_for_their_token(house: House) -> None:
    stranger = house.inst.app("portal").test_client()
    open_pages = {"/", "/auth/sign-in", "/auth/set-up", "/health", "/ready", "/metrics", "/openapi.json", "/docs"}
    for rule in house.inst.app("portal").url_map.iter_rules():
        if rule.rule in open_pages or rule.rule.startswith(("/static", "/api/")):
            continue
        path = rule.rule
        for name in rule.arguments:
            path = path.replace(f"<int:{name}>", "2").replace(f"<path:{name}>", "x").replace(f"<{name}>", "x")
        if "GET" in (rule.methods or ()):
            response = await stranger.get(path)
            assert response.status_code == 302, path
            assert response.headers["Location"].startswith("/auth/sign-in"), path
        if "POST" in (rule.methods or ()):
            assert (await house.browser.post(path, form={"name": "x"})).status_code == 400, path
    foreign = {"Origin": "https://evil.example", "Host": "localhost"}
    assert (await house.browser.post("/me/name", form={"name": "Eve"}, headers=foreign)).status_code == 403
    assert "Ann" in await house.page("/me")


@pytest.mark.promise("portal.3")
@pytest.mark.promise("browser_source.18")
async def test_modules_check_roles_themselves(house: House) -> None:
    client = house.inst.client("portal")
    stranger = Acting("person-eve", utc_now(), house.community_id, Role.OWNER, name="Eve")
    here = house.community_id
    for module, operation, request in (
        ("router", router.ENABLE, router.PutEnablement(here, "memories", False)),
        ("community", community.SET_ROLE, community.SetRole(here, "x", Role.ADMIN)),
        ("browser_source", browser_source.ROTATE, browser_source.Rotate(here, 1)),
        ("browser_source", browser_source.CREATE, browser_source.CreateOverlay(here, "Mine")),
    ):
        with pytest.raises(Forbidden):
            await client.call(module, operation, request, acting=stranger)


@pytest.mark.promise("portal.20")
async def test_the_playground_has_a_screen_of_its_own(house: House) -> None:
    await house.say("!ticker hello", who="Ben")
    playground = f"{house.here}/playground"
    await house.send(f"{playground}/lines", on=playground, **{"as": "Dee", "event": "raid"})
    client, here = house.inst.client("portal"), house.community_id
    owner = Acting((await _person(house)), utc_now(), here, Role.OWNER, name="Ann")
    live = await client.call("browser_source", browser_source.ITEMS, browser_source.ListItems(here), acting=owner)
    preview = browser_source.ListItems(here, stage="preview")
    shown = await client.call("browser_source", browser_source.ITEMS, preview, acting=owner)
    assert live.items == ()
    assert shown.items[-1].said == "hello"


async def _person(house: House) -> str:
    members = await house.inst.client("portal").call(
        "community", community.MEMBERS, community.ListMembers(house.community_id), acting=await _anybody(house)
    )
    return next(member.person_id for member in members.items if member.person_id) or ""


async def _anybody(house: House) -> Acting:
    from flask_core.contracts import identity

    cookie = next(c for c in house.browser.cookie_jar if c.name == "waddlebot")
    person = await house.inst.client("portal").call(
        "identity", identity.VERIFY_SESSION, identity.SessionSecret(cookie.value or "")
    )
    return Acting(person.person_id, person.signed_in_at, house.community_id, Role.OWNER, person.operator, person.name)


async def test_overlays_are_made_tested_and_rotated(house: House) -> None:
    overlays = f"{house.here}/overlays"
    await house.send(overlays, name="Main")
    html = await house.send(f"{overlays}/1/address", 200, on=overlays)
    secret = html.split("/overlay/")[1].split("<")[0]
    screen = house.inst.app("browser_source").test_client()
    assert (await screen.get(f"/overlay/{secret}")).status_code == 200
    assert "no overlay is connected" in await house.send(f"{overlays}/test", 200, on=overlays, what="raid")
    assert "items are kept" in await house.send(f"{overlays}/control", 200, on=overlays, act="pause")
    assert "paused" in await house.page(overlays)
    await house.send(f"{overlays}/control", 200, on=overlays, act="resume")
    assert "Cleared everything" in await house.send(f"{overlays}/control", 200, on=overlays, act="clear")
    assert "Replaying #1" in await house.send(f"{overlays}/items/1/replay", 200, on=overlays)
    await house.send(f"{overlays}/1/rotate", 200, on=overlays, now="yes")
    assert (await screen.get(f"/overlay/{secret}")).status_code == 404
    await house.send(f"{overlays}/1/delete", on=overlays)


async def test_operators_see_health_and_everybody_their_sessions(house: House) -> None:
    health = await house.page("/operator/health")
    for name in house.inst.services:
        assert f"<strong>{name}</strong>" in health
    await house.send("/me/name", on="/me", name="Ann-Marie")
    assert "Ann-Marie" in await house.page("/me")
    other = house.inst.app("portal").test_client()
    mine, house.browser = house.browser, other
    assert "do not belong together" in await house.send(
        "/auth/sign-in", 401, email="ann@example.org", password="wrong password"
    )
    await house.send("/auth/sign-in", email="ann@example.org", password=PASSWORD)
    house.browser = mine
    session = (await house.page("/me")).split("/me/sessions/")[1].split("/")[0]
    await house.send(f"/me/sessions/{session}/end", on="/me")
    house.browser = other
    await house.page("/me", 302)
    house.browser = mine
    await house.send("/auth/sign-out", on="/me")
    await house.page("/me", 302)


async def test_a_module_that_is_away_leaves_the_page_alive(house: House) -> None:
    for name in ("memories", "browser_source"):
        house.inst.runtime.modules.pop(name)
    assert "The chat goes on without it." in await house.page(f"{house.here}/playground")
    assert await house.say("!quote") == "The memories module is not answering right now."
    assert "not answering right now" in await house.page(f"{house.here}/memories", 503)
