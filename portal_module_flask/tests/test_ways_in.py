"""The authenticator app without scripts: set up, asked for, lost and found, removed."""

from __future__ import annotations

import base64
import logging
import re
from pathlib import Path

import pytest

from portal_module_flask.qr import picture
from portal_module_flask.tests.house import EMAIL, PASSWORD, House
from portal_module_flask.tests.signing_in import hidden_in, send_back, set_up_app
from portal_module_flask.tests.test_guards import in_files
from portal_module_flask.tests.test_keys import secret_in
from portal_module_flask.tests.test_programs import Program


@pytest.mark.promise("portal.7")
async def test_an_authenticator_app_is_set_up_and_asked_for_without_scripts(house: House) -> None:
    page = await house.send("/me/authenticator", 200, on="/me/sign-in")
    picture_ = base64.b64decode(re.findall('src="data:image/svg[^,]*,([^"]+)"', page)[0])
    assert b"<svg" in picture_
    assert hidden_in(page)["key"] in page.split('class="address">')[1]
    again = await send_back(house, "/me/authenticator/confirm", page, 400, code="000000")
    assert "That code is wrong" in again
    assert hidden_in(again) == hidden_in(page)
    app, codes = await set_up_app(house)
    assert len(set(codes)) == 10
    shown = await house.page("/me/sign-in")
    assert "10 of 10 left" in shown
    assert not any(code in shown for code in codes)
    phone = house.stranger()
    step = await phone.send("/auth/sign-in", 200, email=EMAIL, password=PASSWORD, next="/me/keys")
    assert "One more step" in step
    assert "waddlebot=" not in str(phone.web.cookie_jar)
    await phone.page("/me", 302)
    wrong = await send_back(phone, "/auth/second-factor", step, 401, code="000000")
    assert "That code is wrong" in wrong
    assert await send_back(phone, "/auth/second-factor", wrong, code=app.code()) == "/me/keys"
    assert "No key yet." in await phone.page("/me/keys")


@pytest.mark.promise("portal.6")
async def test_no_key_and_no_code_is_kept_or_told(
    house: House, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    app, codes = await set_up_app(house)
    step = await house.stranger().send("/auth/sign-in", 200, email=EMAIL, password=PASSWORD)
    fields = {"name": "Deck", "scope": "read", "days": "30"}
    secret = secret_in(await house.send("/me/keys", 200, **fields))
    await Program(house, secret).ask("community/communities")
    kept = in_files(tmp_path)
    assert secret[10:14].encode() in kept
    for told in (app.key, app.key.replace("-", ""), secret, hidden_in(step)["challenge"], *codes):
        assert told.encode() not in kept
        assert told not in caplog.text


@pytest.mark.promise("portal.7")
async def test_a_recovery_code_lets_in_once_and_new_ones_end_the_old(house: House) -> None:
    _, codes = await set_up_app(house)
    for code, status in ((codes[0], 303), (codes[0], 401)):
        phone = house.stranger()
        step = await phone.send("/auth/sign-in", 200, email=EMAIL, password=PASSWORD)
        await send_back(phone, "/auth/second-factor", step, status, code=code)
    assert "9 of 10 left" in await house.page("/me/sign-in")
    fresh = await house.send("/me/recovery-codes", 200, on="/me/sign-in")
    assert codes[1] not in fresh
    assert "The old codes are of no more use." in fresh
    assert await house.send("/me/authenticator/remove", on="/me/sign-in") == "/me/sign-in"
    assert "Recovery codes" not in await house.page("/me/sign-in")
    await house.stranger().send("/auth/sign-in", email=EMAIL, password=PASSWORD)


async def test_a_second_step_that_nobody_began_leads_nowhere(house: House) -> None:
    stranger = house.stranger()
    said = await stranger.send("/auth/second-factor", 401, on="/auth/sign-in", challenge="made up", code="000000")
    assert "Begin again" in said
    bare = await stranger.send("/auth/passkey", 400, on="/auth/sign-in")
    assert "The browser gave no passkey." in bare
    forged = {"passkey_challenge": "x", "passkey_credential": "{}"}
    assert 'role="alert"' in await stranger.send("/auth/passkey", 401, on="/auth/sign-in", **forged)


async def test_a_passkey_needs_the_browsers_scripts(house: House) -> None:
    said = await house.send("/me/passkeys", 400, on="/me/sign-in", name="Phone")
    assert "allow scripts on this page" in said
    assert 'value="Phone"' in said
    forged = {"passkey_challenge": "x", "passkey_credential": "{}"}
    assert 'role="alert"' in await house.send("/me/passkeys", 401, on="/me/sign-in", name="Phone", **forged)
    assert "No such passkey." in await house.send("/me/passkeys/x/remove", 404, on="/me/sign-in")


def test_what_fits_into_no_picture_is_none() -> None:
    assert picture("") == picture("x" * 501) == ""
