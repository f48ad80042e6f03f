"""Overlays: made, shown once, tested, controlled, given another address."""

from __future__ import annotations

from datetime import timedelta

import pytest

from flask_core import admission
from portal_module_flask.tests.house import House


async def test_overlays_are_made_tested_and_rotated(house: House) -> None:
    overlays = f"{house.here}/overlays"
    assert "No overlay yet." in await house.page(overlays)
    await house.send(overlays, name="Main")
    listed = await house.page(overlays)
    assert "waiting for OBS" in listed
    main = overlays + listed.split(f'action="{overlays}')[1].split("/address")[0]
    html = await house.send(f"{main}/address", 200, on=overlays)
    secret = html.split("/overlay/")[1].split("<")[0]
    assert secret not in await house.page(overlays)
    screen = house.inst.app("browser_source").test_client()
    assert (await screen.get(f"/overlay/{secret}")).status_code == 200
    assert "no overlay is connected" in await house.send(f"{overlays}/test", 200, on=overlays, what="raid")
    assert "items are kept" in await house.send(f"{overlays}/control", 200, on=overlays, act="pause")
    assert "paused" in await house.page(overlays)
    await house.send(f"{overlays}/control", 200, on=overlays, act="resume")
    assert "Cleared everything" in await house.send(f"{overlays}/control", 200, on=overlays, act="clear")
    assert "Choose one of: pause" in await house.send(f"{overlays}/control", 400, on=overlays, act="explode")
    assert "Replaying #1" in await house.send(f"{overlays}/items/1/replay", 200, on=overlays)
    rotated = await house.send(f"{main}/rotate", 200, on=overlays, now="yes")
    assert secret not in rotated
    assert (await screen.get(f"/overlay/{secret}")).status_code == 404
    await house.send(f"{main}/delete", on=overlays)
    assert "No overlay yet." in await house.page(overlays)


async def test_an_address_is_shown_to_those_who_signed_in_lately(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    overlays = f"{house.here}/overlays"
    await house.send(overlays, name="Main")
    monkeypatch.setattr(admission, "FRESH_SIGN_IN", timedelta(0))
    said = await house.send(f"{overlays}/1/address", 401, on=overlays)
    assert "Sign in again" in said
    assert "/overlay/" not in said.replace("/overlays", "")
