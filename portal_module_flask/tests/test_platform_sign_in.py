"""Signing in with a platform in a browser, there and back, and what one may do then."""

from __future__ import annotations

import html as markup
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from flask_core.contracts import community
from flask_core.datamodels import Account, Role
from flask_core.testing.fake_twitch import CLIENT_ID, CLIENT_SECRET, FakeTwitch, running_twitch
from portal_module_flask.tests.house import EMAIL, FOLDERS, House, Visitor, new_house

ROOM = "twitch:1337:1337"


class Quay:
    """Ann's house beside a Twitch, and browsers that go there."""

    def __init__(self, house: House, twitch: FakeTwitch) -> None:
        self.house = house
        self.twitch = twitch

    async def away(self, who: Visitor, following: str = "/me") -> str:
        """Somebody presses the button on the sign-in page; the address at Twitch."""
        html = await who.page(f"/auth/sign-in?next={following}")
        button = re.search(r'<a class="button" href="([^"]+)" rel="nofollow">[^\n]+ Go on with Twitch</a>', html)
        assert button is not None
        return str((await who.look(markup.unescape(button[1]), 303))[1]["Location"])

    async def sign_in(self, who: Visitor, user_id: str, login: str, *, email: str = "", following: str = "/me") -> str:
        """There and back; where that leads."""
        user = self.twitch.add_user(user_id, login, email)
        back = self.twitch.go(await self.away(who, following), user, forced=False)
        return str((await who.look(back, 303))[1]["Location"])


@pytest_asyncio.fixture
async def quay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Quay]:
    async with running_twitch() as fake:
        settings = {
            "TWITCH_OAUTH_CLIENT_ID": CLIENT_ID, "TWITCH_OAUTH_CLIENT_SECRET": CLIENT_SECRET,
            "TWITCH_API_URL": f"{fake.url}/helix", "TWITCH_AUTH_URL": f"{fake.url}/oauth2",
        }  # fmt: skip
        async with new_house(FOLDERS, f"sqlite://{tmp_path}/h.db", monkeypatch, settings=settings) as house:
            await house.settle_in()
            yield Quay(house, fake)


async def hears(quay: Quay, user_id: str, login: str, role: Role = Role.VIEWER) -> None:
    """Somebody wrote in Ann's channel before, and Twitch showed what they are there."""
    inst, here = quay.house.inst, quay.house.community_id
    await inst.client("portal").call("community", community.ATTACH, community.AttachChannel(here, ROOM))
    account = community.ContextItem(ROOM, community_account(user_id, login))
    await inst.client("router").call("community", community.CONTEXT, community.ContextRequest((account,)))
    if role >= Role.MODERATOR:
        seen = community.PlatformRole(ROOM, user_id, role)
        await inst.client("twitch").call("community", community.PLATFORM_ROLES, seen)


def community_account(user_id: str, login: str) -> Account:
    return Account(user_id, login, login.capitalize())


async def test_a_visitor_signs_in_and_comes_back_to_the_page_they_wanted(quay: Quay) -> None:
    dee = quay.house.stranger()
    assert await quay.sign_in(dee, "7", "dee", following="/me%3Fa%3Db") == "/me?a=b"
    html = await dee.page("/me")
    assert "<h1>Dee</h1>" in html
    assert "Old password" not in html
    assert "Sign in" not in await dee.page("/")
    assert await dee.send("/auth/sign-out", on="/me") == "/"


@pytest.mark.promise("portal.5")
async def test_a_moderator_of_twitch_signs_in_and_sees_the_moderators_pages_of_that_community(quay: Quay) -> None:
    house = quay.house
    await hears(quay, "7", "dee", Role.MODERATOR)
    elsewhere = (await house.send("/communities/new", name="Seals")).split("/")[2]
    await house.say('!quote add "for its own page" by Ann', who="Ben")
    await house.say('!rule add contains "for its own page" delete', who="Ben")
    await house.say("!cmd add hug For its own page", who="Ben")
    dee = house.stranger()
    assert await quay.sign_in(dee, "7", "dee", following="/") == "/"
    assert (await dee.look("/", 303))[1]["Location"] == f"{house.here}/home"
    for path, view in house.pages("GET"):
        if not path.startswith(f"{house.here}/") or path.endswith(("/x", "/stream")):
            continue
        await dee.page(path, 403 if view.guard in {"admin", "owner"} else 200)
    await dee.page("/operator/health", 403)
    for page in ("home", "members", "modules"):
        await dee.page(f"/c/{elsewhere}/{page}", 403)
    await dee.page("/c/4711/home", 404)


async def test_who_signs_in_before_writing_anything_is_moderator_as_soon_as_twitch_shows_it(quay: Quay) -> None:
    dee = quay.house.stranger()
    await quay.sign_in(dee, "7", "dee")
    await dee.page(f"{quay.house.here}/home", 403)
    await hears(quay, "7", "dee", Role.MODERATOR)
    await dee.page(f"{quay.house.here}/home")


async def test_a_viewer_of_twitch_signs_in_and_sees_a_viewers_pages(quay: Quay) -> None:
    await hears(quay, "8", "vic")
    vic = quay.house.stranger()
    await quay.sign_in(vic, "8", "vic")
    await vic.page(f"{quay.house.here}/commands")
    assert "You are viewer here." in await vic.page(f"{quay.house.here}/members", 403)


@pytest.mark.promise("identity.9")
async def test_a_way_back_is_of_one_browser_and_good_once(quay: Quay) -> None:
    dee, eve = quay.house.stranger(), quay.house.stranger()
    back = quay.twitch.go(await quay.away(dee), quay.twitch.add_user("7", "dee"), forced=False)
    lost = await eve.page(back, 400)
    assert "<h1>Not signed in</h1>" in lost
    assert (await eve.look("/me", 302))[1]["Location"].startswith("/auth/sign-in")
    await dee.page(back, 400)
    await quay.sign_in(dee, "7", "dee")
    cookie = dee.cookie()
    assert "<h1>Nothing was linked</h1>" in await dee.page(back, 400)
    assert dee.cookie() == cookie


@pytest.mark.promise("identity.7")
async def test_an_address_that_is_known_here_opens_nothing(quay: Quay) -> None:
    eve = quay.house.stranger()
    user = quay.twitch.add_user("66", "eve", EMAIL)
    html = await eve.page(quay.twitch.go(await quay.away(eve), user, forced=False), 409)
    assert "Sign in first, then link" in html
    assert EMAIL not in html
    assert (await eve.look("/me", 302))[1]["Location"].startswith("/auth/sign-in")


async def test_whoever_says_no_at_twitch_is_told_that_nothing_happened(quay: Quay) -> None:
    dee = quay.house.stranger()
    user = quay.twitch.add_user("7", "dee")
    html = await dee.page(quay.twitch.go(await quay.away(dee), user, answer="no", forced=False), 400)
    assert "You said no at Twitch." in html


async def away_to_link(quay: Quay, who: Visitor) -> str:
    """Somebody presses the button on their own page; the address at Twitch."""
    assert "Link Twitch" in await who.page("/me")
    answer = await who.post("/auth/twitch/start", on="/me")
    assert answer.status_code == 303
    return str(answer.headers["Location"])


@pytest.mark.promise("identity.8")
async def test_an_account_is_linked_on_ones_own_page_and_the_session_stays(quay: Quay) -> None:
    ann, cookie = quay.house, quay.house.cookie()
    back = quay.twitch.go(await away_to_link(quay, ann), quay.twitch.add_user("1", "ann_tv"))
    where = (await ann.look(back, 303))[1]["Location"]
    assert where == "/me?linked=twitch"
    html = await ann.page(where)
    assert "Your Twitch account is linked." in html
    assert "<strong>Ann_tv</strong>" in html
    assert "<h1>Ann</h1>" in html
    assert ann.cookie() == cookie


@pytest.mark.promise("identity.8")
async def test_an_account_of_somebody_else_is_not_linked(quay: Quay) -> None:
    bea = quay.house.stranger()
    await quay.sign_in(bea, "2", "bea")
    back = quay.twitch.go(await away_to_link(quay, quay.house), quay.twitch.users["2"])
    assert "belongs to somebody else already" in await quay.house.page(back, 409)
    assert "Bea" not in await quay.house.page("/me")
    assert "<h1>Bea</h1>" in await bea.page("/me")


async def test_a_link_is_begun_by_a_form_of_ours_alone(quay: Quay) -> None:
    html = await quay.house.page("/auth/twitch/start?next=/me", 303)
    assert "force_verify" not in html
    bare = await quay.house.web.post("/auth/twitch/start", form={})
    assert bare.status_code == 400
    answer = await quay.house.stranger().post("/auth/twitch/start", on="/auth/sign-in")
    assert answer.headers["Location"].startswith("/auth/sign-in")


async def test_an_account_is_taken_away_again(quay: Quay) -> None:
    ann = quay.house
    for user_id, login in (("1", "ann_tv"), ("2", "ann_too")):
        await ann.look(quay.twitch.go(await away_to_link(quay, ann), quay.twitch.add_user(user_id, login)), 303)
    assert await ann.send("/me/accounts/unlink", on="/me", platform="twitch", user_id="2") == "/me"
    html = await ann.page("/me")
    assert "Ann_tv" in html
    assert "Ann_too" not in html
    assert "last account" in await ann.send("/me/accounts/unlink", 409, on="/me", platform="twitch", user_id="1")


async def test_platforms_without_application_are_not_offered(house: House) -> None:
    assert "Go on with" not in await house.stranger().page("/auth/sign-in")
    html = await house.page("/me")
    assert "Link Twitch" not in html
    assert "!identity link" in html
    assert "Nobody signs in with that here." in await house.stranger().page("/auth/twitch/start", 404)


async def test_forms_lead_to_us_and_to_the_pages_where_one_signs_in(house: House) -> None:
    policy = (await house.look("/me"))[1]["Content-Security-Policy"]
    assert "form-action 'self' https://id.twitch.tv " in policy
    assert "https://discord.com https://slack.com" in policy
