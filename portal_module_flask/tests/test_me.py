"""One's own page, and the operator's page of health."""

from __future__ import annotations

from portal_module_flask.tests.house import EMAIL, PASSWORD, House
from portal_module_flask.tests.neighbours import Neighbours


async def test_everybody_sees_and_ends_their_sessions(house: House) -> None:
    other = house.stranger()
    await other.sign_in()
    session = (await house.page("/me/sessions")).split('action="/me/sessions/')[1].split("/")[0]
    await house.send(f"/me/sessions/{session}/end", on="/me/sessions")
    await other.page("/me", 302)
    shown = await house.page("/me/sessions")
    assert "this one" in shown
    assert "End all others" not in shown


async def test_all_other_sessions_end_at_once(house: House) -> None:
    others = [house.stranger(), house.stranger()]
    for other in others:
        await other.sign_in()
    assert await house.send("/me/sessions/end-others", on="/me/sessions") == "/me/sessions"
    for other in others:
        await other.page("/me", 302)
    await house.page("/me")


async def test_name_and_password_are_changed_on_the_page(house: House) -> None:
    assert await house.send("/me/name", on="/me", name="Ann-Marie") == "/me"
    assert "Ann-Marie" in await house.page("/me")
    said = await house.send("/me/name", 400, on="/me", name="")
    assert 'role="alert"' in said
    assert "The old password is another one." in await house.send(
        "/me/password", 400, on="/me/sign-in", old="wrong", new="a pond of penguins"
    )
    done = await house.send("/me/password", 200, on="/me/sign-in", old=PASSWORD, new="a pond of penguins")
    assert "all other sessions have ended" in done
    other = house.stranger()
    await other.send("/auth/sign-in", 401, email=EMAIL, password=PASSWORD)
    await other.sign_in(password="a pond of penguins")


async def test_operators_see_the_health_of_all_modules(house: House) -> None:
    health = await house.page("/operator/health")
    for name in house.inst.services:
        assert f"<strong>{name}</strong>" in health
    assert "events wait" in health
    house.inst.runtime.modules.pop("router")
    assert "The router module is not answering right now." in await house.page("/operator/health")
    neighbours = await Neighbours.of(house)
    dee = neighbours.moves_in("Dee")
    assert "Only operators of this installation" in await dee.page("/operator/health", 403)
    assert "Health</a>" not in await dee.page("/")
