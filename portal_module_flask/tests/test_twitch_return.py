"""Going to Twitch and coming back, in one browser."""

from __future__ import annotations

import html as markup
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from flask_core.testing.fake_twitch import CLIENT_ID, CLIENT_SECRET, running_twitch
from flask_core.testing.installation import until
from portal_module_flask.tests.house import FOLDERS, new_house
from portal_module_flask.tests.test_twitch import Studio

_AWAY = re.compile(r'<a class="button main" href="([^"]+)" rel="noreferrer">Go on at Twitch</a>')


@pytest_asyncio.fixture
async def public(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Studio]:
    """Ann has settled in, where Twitch can send people back to; nothing is connected."""
    async with running_twitch() as fake:
        settings = {
            "PUBLIC_URL": "http://localhost:8080",
            "TWITCH_CLIENT_ID": CLIENT_ID,
            "TWITCH_CLIENT_SECRET": CLIENT_SECRET,
            "TWITCH_EVENTSUB_WS_URL": fake.sockets.url,
            "TWITCH_API_URL": f"{fake.url}/helix",
            "TWITCH_AUTH_URL": f"{fake.url}/oauth2",
        }
        async with new_house(FOLDERS, f"sqlite://{tmp_path}/h.db", monkeypatch, settings=settings) as house:
            await house.settle_in()
            yield Studio(house, fake, fake.add_user("1337", "teststreamer"))


async def away(studio: Studio, base: str = "", **fields: str) -> str:
    """Ann presses connect; the address at Twitch that she is shown."""
    base = base or studio.page
    answer = await studio.house.post(f"{base}/connect", on=base, way="redirect", **fields)
    found = _AWAY.search((await answer.get_data()).decode())
    assert found is not None
    return markup.unescape(found[1])


async def test_a_channel_is_connected_by_going_there_and_back(public: Studio) -> None:
    assert 'name="way" value="redirect"' in await public.house.page(public.page)
    back = public.twitch.go(await away(public), public.streamer)
    assert (await public.house.look(back, 303))[1]["Location"] == f"{public.page}?connected=teststreamer"
    await until(public.complete, "all notifications")
    assert "was not begun in this browser" in await public.house.page(back, 400)


async def test_another_browser_cannot_come_back_for_ann(public: Studio) -> None:
    back = public.twitch.go(await away(public), public.streamer)
    stranger = public.house.stranger()
    where = (await stranger.look(back, 302))[1]["Location"]
    assert where.startswith("/auth/sign-in?next=%2Fconnect%2Ftwitch%2Fcallback")
    await stranger.sign_in()
    # Ann's own, but another session: whoever sent her this link set out elsewhere.
    assert "Nothing was kept." in await stranger.page(back, 400)
    assert "No Twitch channel is connected yet." in await public.house.page(public.page)


async def test_coming_back_as_somebody_else_says_who_it_was(public: Studio) -> None:
    await public.house.look(public.twitch.go(await away(public), public.streamer), 303)
    url = await away(public, user_id="1337")
    html = await public.house.page(public.twitch.go(url, public.twitch.add_user("66", "mallory")), 409)
    assert "<h1>Another account</h1>" in html
    assert "That was mallory, another account than expected. Nothing was kept." in html


async def test_a_no_and_an_empty_way_back_say_so(public: Studio) -> None:
    html = await public.house.page(public.twitch.go(await away(public), public.streamer, answer="no"))
    assert "You said no at Twitch." in html
    assert "Connect from there" not in html
    assert "<h1>Not connected</h1>" in await public.house.page("/connect/twitch/callback", 400)


async def test_the_operator_connects_a_bot_there_and_back(public: Studio) -> None:
    url = await away(public, "/operator/twitch")
    back = public.twitch.go(url, public.twitch.add_user("99", "waddles"))
    assert (await public.house.look(back, 303))[1]["Location"] == "/operator/twitch?connected=waddles"
