"""Signing in again in place: the form waits, and goes through as it was filled in."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest

from portal_module_flask.tests.house import PASSWORD, House
from portal_module_flask.tests.signing_in import kept_in, send_back, set_up_app, sixteen_minutes_later

NAME = 'Stream <deck> & "co"'


@pytest.mark.promise("portal.8")
async def test_a_form_waits_for_the_sign_in_and_goes_through_as_typed(house: House) -> None:
    other = house.stranger()
    await other.sign_in()
    before = house.cookie()
    token = await house.token("/me/keys")
    await sixteen_minutes_later(house)
    typed = {"name": NAME, "scope": ["read", "memories:write"], "days": "90", "community": str(house.community_id)}
    asked = await _send(house, 401, {**typed, "form_token": token})
    assert "Sign in again" in asked
    assert "No key yet." in await house.page("/me/keys")
    assert kept_in(asked) == {**typed, "scope": "memories:write"}
    assert asked.count('<textarea hidden name="scope"') == 2
    wrong = await send_back(house, "/me/keys", asked, 401, again_password="a wrong one")
    assert "do not belong together" in wrong
    assert kept_in(wrong) == kept_in(asked)
    right = {"form_token": await house.token("/me/keys"), "again_password": PASSWORD}
    shown = await _send(house, 200, {**typed, **right})
    assert "wbot_user_" in shown
    assert "Stream &lt;deck&gt; &amp; &#34;co&#34;" in shown
    listed = await house.page("/me/keys")
    for part in ("Stream &lt;deck&gt;", ">read<", ">memories:write<", "only in Penguins"):
        assert part in listed
    assert house.cookie() != before
    thief = house.stranger()
    thief.web.set_cookie("localhost", "waddlebot", before)
    await thief.page("/me", 302)
    assert "wbot_user_" in await house.send(f"/me/keys/{_key(listed)}/regenerate", 200, on="/me/keys")


async def _send(house: House, status: int, fields: dict[str, str | list[str]]) -> str:
    """A form with several fields of one name."""
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = await house.web.post("/me/keys", data=urlencode(fields, doseq=True), headers=kind)
    html: str = (await answer.get_data()).decode()
    assert answer.status_code == status, html
    return html


def _key(listed: str) -> str:
    return listed.split('action="/me/keys/')[1].split("/", maxsplit=1)[0]


@pytest.mark.promise("portal.8")
async def test_the_second_factor_is_asked_for_as_well(house: House) -> None:
    app, codes = await set_up_app(house)
    await sixteen_minutes_later(house)
    asked = await house.send("/me/authenticator/remove", 401, on="/me/sign-in")
    assert "Code of your app" in asked
    alone = await send_back(house, "/me/authenticator/remove", asked, 401, again_password=PASSWORD)
    assert "That code is wrong" in alone
    both = {"again_password": PASSWORD, "again_code": app.code()}
    assert await send_back(house, "/me/authenticator/remove", alone, **both) == "/me/sign-in"
    assert codes
    assert "Set up an app" in await house.page("/me/sign-in")


async def test_other_pages_ask_in_place_too(house: House) -> None:
    overlays = f"{house.here}/overlays"
    await house.send(overlays, name="Main")
    await sixteen_minutes_later(house)
    asked = await house.send(f"{overlays}/1/address", 401, on=overlays, widget="alerts")
    assert kept_in(asked) == {"widget": "alerts"}
    assert "/overlay/" in await send_back(house, f"{overlays}/1/address", asked, 200, again_password=PASSWORD)
    old = await house.send("/me/password", 200, on="/me/sign-in", old=PASSWORD, new="a pond of penguins")
    assert "Your password is changed" in old


async def test_scripts_are_told_and_no_new_sign_in_comes_of_a_foreign_form(house: House) -> None:
    token = await house.token("/me/sign-in")
    await sixteen_minutes_later(house)
    fetched = await house.web.post(
        "/me/passkeys/question", form={"form_token": token, "name": "Phone"}, headers={"X-Requested-With": "fetch"}
    )
    assert fetched.status_code == 401
    assert (await fetched.get_json())["details"]["sign_in_again"]
    before = house.cookie()
    bare = await house.web.post("/me/recovery-codes", form={"again_password": PASSWORD})
    assert bare.status_code == 400
    assert house.cookie() == before
