"""A Twitch channel, and the bot's account, connected from the portal beside a fake Twitch."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from flask_core.contracts import community
from flask_core.datamodels import Role
from flask_core.testing.fake_twitch import CLIENT_ID, CLIENT_SECRET, FakeTwitch, FakeUser, chat_message, running_twitch
from flask_core.testing.installation import until
from portal_module_flask.tests.house import FOLDERS, House, new_house
from portal_module_flask.tests.neighbours import Neighbours
from twitch_module_flask.eventsub.wanted import WANTED

_CODE = re.compile(r'<strong class="mono large">([^<]+)</strong>')


@dataclass
class Studio:
    """Ann's house beside a Twitch, where she streams as teststreamer."""

    house: House
    twitch: FakeTwitch
    streamer: FakeUser

    @property
    def page(self) -> str:
        """The page about Twitch of Ann's community."""
        return f"{self.house.here}/platforms/twitch"

    async def code(self, base: str = "", **fields: str) -> tuple[str, str]:
        """Somebody presses connect: the page that waits, and the code on it."""
        where = await self.house.send(f"{base or self.page}/connect", on=base or self.page, **fields)
        found = _CODE.search(await self.house.page(where))
        assert found is not None
        return where, found[1]

    async def ended(self, where: str) -> tuple[str, str]:
        """The page with the code once it waits no more: its HTML, and where it leads."""
        async with asyncio.timeout(10):
            while True:
                response = await self.house.web.get(where)
                html = (await response.get_data()).decode()
                if "data-waiting" not in html:
                    return html, response.headers.get("Location", "")

    async def connect(self) -> None:
        """Ann's channel, with everything that is wanted from Twitch."""
        where, code = await self.code()
        self.twitch.approve(code, self.streamer)
        await self.ended(where)
        await until(self.complete, "all notifications")

    def complete(self) -> bool:
        """Whether Twitch tells everything."""
        told = self.twitch.subscriptions.values()
        return len([one for one in told if "1337" in one["condition"].values()]) == len(WANTED)


@pytest_asyncio.fixture
async def studio(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Studio]:
    """Ann has settled in; nothing is connected."""
    async with running_twitch() as fake:
        settings = {
            "TWITCH_CLIENT_ID": CLIENT_ID,
            "TWITCH_CLIENT_SECRET": CLIENT_SECRET,
            "TWITCH_EVENTSUB_WS_URL": fake.sockets.url,
            "TWITCH_API_URL": f"{fake.url}/helix",
            "TWITCH_AUTH_URL": f"{fake.url}/oauth2",
        }
        async with new_house(FOLDERS, f"sqlite://{tmp_path}/h.db", monkeypatch, settings=settings) as house:
            await house.settle_in()
            yield Studio(house, fake, fake.add_user("1337", "teststreamer"))


async def test_a_channel_is_connected_with_a_code(studio: Studio) -> None:
    house = studio.house
    assert f'href="{studio.page}"' in await house.page(f"{house.here}/home")
    assert "No Twitch channel is connected yet." in await house.page(studio.page)
    where, code = await studio.code()
    html = await house.page(where)
    assert f'href="https://www.twitch.tv/activate?public={code}"' in html
    assert '<noscript><meta http-equiv="refresh" content="5"></noscript>' in html
    assert "/static/waiting.js" in html
    studio.twitch.approve(code, studio.streamer)
    assert (await studio.ended(where))[1] == f"{studio.page}?connected=teststreamer"
    await until(studio.complete, "all notifications")
    html = await house.page(f"{studio.page}?connected=teststreamer")
    for said in (
        "teststreamer is connected. The bot reads",
        "✓ read",
        "the channel's own account",
        f"{len(WANTED)} of {len(WANTED)} kinds",
    ):
        assert said in html.replace("&#39;", "'")
    for gone in ("data-waiting", "refresh", "Connect teststreamer again", "Nobody"):
        assert gone not in html
    assert "teststreamer" in await house.page(f"{house.here}/home")
    assert "is connected. The bot" not in await house.page(f"{studio.page}?connected=somebody")


async def test_what_is_said_in_the_channel_has_its_reason_in_the_portal(studio: Studio) -> None:
    await studio.connect()
    eve = studio.twitch.add_user("7", "eve")
    await studio.twitch.notify("channel.chat.message", chat_message(studio.streamer, eve, "!ping"))
    await until(lambda: studio.twitch.said, "an answer")
    assert "!ping" in await studio.house.page(f"{studio.house.here}/traces")
    await studio.house.page_saying(studio.page, "Heard <time")


async def test_what_was_deleted_in_the_channel_is_struck_out_in_the_portal(studio: Studio) -> None:
    await studio.connect()
    eve, traces = studio.twitch.add_user("7", "eve"), f"{studio.house.here}/traces"
    line = chat_message(studio.streamer, eve, "buy followers")
    await studio.twitch.notify("channel.chat.message", line)
    await studio.house.page_saying(traces, "buy followers")
    gone = {key: line[key] for key in ("broadcaster_user_id", "broadcaster_user_login", "message_id")}
    gone |= {f"target_user_{key}": line[f"chatter_user_{key}"] for key in ("id", "login", "name")}
    await studio.twitch.notify("channel.chat.message_delete", gone)
    html = await studio.house.page_saying(traces, "<del>buy followers</del>")
    event = html.split("buy followers")[1].split("/traces/")[1].split('"')[0]
    assert "This message was deleted on its platform." in await studio.house.page(f"{traces}/{event}")


@pytest.mark.parametrize(
    ("word", "title", "said"),
    [
        ("access_denied", "Not allowed", "You said no at Twitch."),
        ("invalid device code", "The code is too old", "Get a new one."),
    ],
)
async def test_a_no_and_an_old_code_say_so_and_offer_a_new_one(
    studio: Studio, word: str, title: str, said: str
) -> None:
    where, code = await studio.code()
    studio.twitch.deny(code, word)
    html, _ = await studio.ended(where)
    assert f"<h1>{title}</h1>" in html
    assert said in html
    assert "refresh" not in html
    again = await studio.house.send(f"{studio.page}/connect", on=where)
    assert again not in {where, studio.page}


async def test_a_channel_of_another_community_stays_there(studio: Studio) -> None:
    await studio.connect()
    house = studio.house
    where = await house.send("/communities/new", name="Seals")
    seals = f"/c/{where.split('/')[2]}/platforms/twitch"
    waits, code = await studio.code(seals)
    studio.twitch.approve(code, studio.streamer)
    html, _ = await studio.ended(waits)
    assert "<h1>Not connected</h1>" in html
    assert "No Twitch channel is connected yet." in await house.page(seals)
    assert "✓ read" in await house.page(studio.page)


async def test_what_the_streamer_takes_back_is_shown_with_the_way_back(studio: Studio) -> None:
    await studio.connect()
    await studio.twitch.revoke("channel.follow", "authorization_revoked")
    html = await studio.house.page(studio.page)
    assert "connect the channel again" in html
    assert "channel.follow: " in html
    assert "Connect teststreamer again" in html
    where, code = await studio.code(user_id="1337")
    studio.twitch.approve(code, studio.twitch.add_user("66", "mallory"))
    html, _ = await studio.ended(where)
    assert "<h1>Another account</h1>" in html
    assert "That was mallory, another account than expected. Nothing was kept." in html
    where, code = await studio.code(user_id="1337")
    studio.twitch.approve(code, studio.streamer)
    assert (await studio.ended(where))[1] == f"{studio.page}?connected=teststreamer"


async def test_disconnecting_asks_first_and_frees_the_channel(studio: Studio) -> None:
    await studio.connect()
    house = studio.house
    gone = f"{studio.page}/disconnect"
    assert "Tick the box to disconnect." in await house.send(gone, 400, on=studio.page, user_id="1337")
    assert studio.complete()
    assert "No such account" in await house.send(gone, 404, on=studio.page, user_id="4711", sure="yes")
    assert await house.send(gone, on=studio.page, user_id="1337", sure="yes") == f"{studio.page}?gone=1"
    html = await house.page(f"{studio.page}?gone=1")
    assert "Disconnected." in html
    assert "No Twitch channel is connected yet." in html
    assert not [one for one in studio.twitch.subscriptions.values() if "1337" in one["condition"].values()]
    assert not any(token.alive for token in studio.twitch.tokens.values() if token.user)
    attached = await house.inst.client("portal").call(
        "community", community.CHANNELS, community.CommunityId(house.community_id)
    )
    assert [channel.key.split(":")[0] for channel in attached.items] == ["console"]


async def test_the_operator_connects_the_bots_account(studio: Studio) -> None:
    await studio.connect()
    house, page = studio.house, "/operator/twitch"
    assert f'href="{page}"' in await house.page("/operator/health")
    html = await house.page(page)
    assert "No bot account is connected" in html
    assert "teststreamer" in html
    where, code = await studio.code(page)
    assert "the account that the bot shall speak with" in await house.page(where)
    studio.twitch.approve(code, studio.twitch.add_user("99", "waddles"))
    assert (await studio.ended(where))[1] == f"{page}?connected=waddles"
    assert "waddles is connected. It speaks in all channels" in await house.page(f"{page}?connected=waddles")
    html = await house.page(studio.page)
    assert "The bot speaks as waddles." in html
    assert "Type /mod waddles in your Twitch chat" in html
    assert "Tick the box" in await house.send(f"{page}/disconnect", 400, on=page, user_id="99")
    assert await house.send(f"{page}/disconnect", on=page, user_id="99", sure="yes") == f"{page}?gone=1"
    assert "No bot account is connected" in await house.page(f"{page}?gone=1")


async def test_moderators_see_the_channel_and_admins_connect_it(studio: Studio) -> None:
    house = studio.house
    neighbours = await Neighbours.of(house)
    ben = await neighbours.becomes("Ben", "discord", "moderator")
    html = await ben.page(studio.page)
    assert "Admins of Penguins can connect one." in html
    assert "/connect" not in html
    where, _ = await studio.code()
    await ben.page(where, 403)
    await ben.page("/operator/twitch", 403)
    members = f"{house.here}/members"
    row = (await house.page(members)).split("<strong>Ben</strong>")[1]
    member = row.split(f"{members}/")[1].split("/")[0]
    await house.send(f"{members}/{member}/role", on=members, role=Role.ADMIN.word)
    assert "No such code." in await ben.page(where, 404)
    await ben.send(f"{studio.page}/connect", on=studio.page)


async def test_without_an_application_the_page_says_who_has_to_do_what(house: House) -> None:
    page = f"{house.here}/platforms/twitch"
    html = await house.page(page)
    assert "set TWITCH_CLIENT_ID, and TWITCH_CLIENT_SECRET" in html
    assert "/connect" not in html
    assert "set TWITCH_CLIENT_ID" in await house.send(f"{page}/connect", 409, on=page)
    operator = "/operator/twitch"
    assert "set TWITCH_CLIENT_ID" in await house.page(operator)
    assert "set TWITCH_CLIENT_ID" in await house.send(f"{operator}/connect", 409, on=operator)


async def test_while_twitchs_module_is_away_the_page_says_so(house: House) -> None:
    house.inst.runtime.modules.pop("twitch")
    for page in (f"{house.here}/platforms/twitch", "/operator/twitch"):
        assert "The twitch module is not answering right now." in await house.page(page)


async def test_what_is_switched_on_is_paused_until_it_is_allowed(studio: Studio) -> None:
    await studio.connect()
    house = studio.house
    form = {"user_id": "1337", "shared_chat": "include", "bot_user_id": "", "parts": "2", "reply_style": "mention"}
    where = await house.send(f"{studio.page}/settings", on=studio.page, packs="control", **form)
    assert where == f"{studio.page}?saved=1337"
    html = await house.page(where)
    assert "Saved. It counts from now on." in html
    assert 'value="control" checked' in html
    assert 'value="events" checked' not in html
    assert '<option value="mention" selected>' in html
    assert "Control the stream: paused, because teststreamer has not allowed channel:manage:broadcast" in html
    where, code = await studio.code(user_id="1337")
    studio.twitch.approve(code, studio.streamer)
    await studio.ended(where)
    html = await house.page(studio.page)
    assert "paused" not in html
    assert "Everything that is needed was allowed." in html
    newest = list(studio.twitch.tokens.values())[-1]
    assert {"clips:edit", "channel:moderate", "moderator:manage:banned_users"} <= set(newest.scopes)
    for wrong in ({"packs": "everything"}, {"reply_style": "loud"}, {"parts": "9"}, {"bot_user_id": "4711"}):
        await house.send(f"{studio.page}/settings", 400, on=studio.page, **{"packs": "events", **form, **wrong})


async def test_a_test_is_told_step_by_step_and_once_a_minute(studio: Studio) -> None:
    await studio.connect()
    house = studio.house
    assert "press Test, and the bot says a line" in await house.page(studio.page)
    assert await house.send(f"{studio.page}/test", on=studio.page, user_id="1337") == f"{studio.page}?tested=1337"
    assert studio.twitch.said[-1]["message"] == "WaddleBot can speak here."
    assert "Twitch took the line" in await house.page(studio.page)
    assert "once a minute" in await house.send(f"{studio.page}/test", 429, on=studio.page, user_id="1337")


async def test_a_community_connects_a_bot_of_its_own_and_takes_it_back(studio: Studio) -> None:
    await studio.connect()
    house = studio.house
    where, code = await studio.code(kind="bot")
    assert "the account that the bot shall speak with" in await house.page(where)
    studio.twitch.approve(code, studio.twitch.add_user("91", "pingu"))
    assert (await studio.ended(where))[1] == f"{studio.page}?connected=pingu"
    html = await house.page(studio.page)
    assert "The bot speaks as pingu." in html
    assert "of this community" in html
    assert "of community #" in await house.page("/operator/twitch")
    await house.send(f"{studio.page}/disconnect", on=studio.page, user_id="91", sure="yes")
    assert "speaks with the channel&#39;s own account" in await house.page(studio.page)


async def test_the_bots_account_is_asked_for_whispers(studio: Studio) -> None:
    page, bot = "/operator/twitch", studio.twitch.add_user("99", "waddlebot")
    for fields in ({}, {"user_id": "99", "pack": "whispers"}):
        where, code = await studio.code(page, **fields)
        studio.twitch.approve(code, bot)
        await studio.ended(where)
    html = await studio.house.page(page)
    assert "</span> Whispers" in html
    assert 'name="pack"' not in html
