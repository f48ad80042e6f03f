"""What a gateway hands to which module; only where one stands before the installation (WADDLEBOT_TEST_URL)."""

from __future__ import annotations

import os
import re

import aiohttp
import pytest

from tests.house import House

pytestmark = pytest.mark.skipif("WADDLEBOT_TEST_URL" not in os.environ, reason="there is no gateway in one process")


async def test_twitch_gets_what_twitch_sends(house: House) -> None:
    answer = await house.web.post("/api/v1/webhooks/eventsub", form={})
    assert answer.status_code == 403
    assert b"not signed by Twitch" in await answer.get_data()


async def test_an_overlay_comes_with_its_looks_and_its_socket(house: House) -> None:
    frame = re.search(r'<iframe src="(https?://[^/]+)?(/overlay/[^"]+)"', await house.page(f"{house.here}/playground"))
    assert frame is not None
    page = await house.page(frame[2])
    assets = re.findall(r'(?:src|href)="(/[^"]+\.(?:css|js))"', page)
    assert len(assets) >= 2
    for asset in assets:
        answer = await house.web.get(asset)
        assert (answer.status_code, "text/html" in answer.headers["content-type"]) == (200, False), asset
    url = f"{os.environ['WADDLEBOT_TEST_URL']}{frame[2]}/socket"
    async with aiohttp.ClientSession() as session, session.ws_connect(url) as socket:
        await socket.send_json({"type": "hello", "protocols": [1]})
        assert (await socket.receive_json(timeout=10))["type"] == "welcome"
        assert (await socket.receive_json(timeout=10))["type"] == "state"


async def test_operations_of_modules_are_not_public(house: House) -> None:
    for path in ("/api/v1/events", "/api/v1/displays", "/api/v1/deliveries"):
        assert (await house.web.post(path, form={})).status_code in {400, 401, 403, 404, 405}
