"""Conversations and clicks that work alike in one process and in containers."""

from __future__ import annotations

import re

import pytest

from tests.house import House


async def test_the_bot_answers_before_any_platform_is_connected(house: House) -> None:
    assert "Hello, I am WaddleBot. Type !help." in await house.page(f"{house.here}/playground")
    assert "!help &lt;command&gt; explains one." in await house.say("!help")
    assert await house.say("!quote add &quot;", who="Dee") == (
        "Only moderators or members with the label memories can do that."
    )
    assert await house.say('!quote add "ship it" by Grace', who="Ben") == "Saved as quote #1."
    assert (await house.say("!quote 1")).startswith("#1: &#34;ship it&#34; — Grace")


async def test_every_line_opens_into_its_reason(house: House) -> None:
    await house.say('!quote add "ship it"', who="Ben")
    traces = await house.page(f"{house.here}/traces?q=quote add")
    event = traces.split(f"{house.here}/traces/")[1].split('"')[0]
    trace = await house.page(f"{house.here}/traces/{event}")
    for step in ("Ben is moderator here", "command !quote add of memories", "moderator needed", "memories answered"):
        assert step in trace
    assert "Saved as quote #1." in trace


@pytest.mark.promise("portal.1")
async def test_the_set_up_link_works_once(house: House) -> None:
    assert "was used or is too old" in await house.page("/auth/set-up?token=anything", 404)


@pytest.mark.promise("portal.10")
async def test_markup_shows_as_text_and_nothing_foreign_is_loaded(house: House) -> None:
    await house.say("!quote add <script>alert(1)</script> by <b>Eve</b>", who="Ben")
    for path in ("playground", "memories", "traces", "home", "members"):
        response = await house.web.get(f"{house.here}/{path}")
        html = (await response.get_data()).decode()
        assert "<script>alert" not in html
        assert "script-src 'self'" in response.headers["Content-Security-Policy"]
        assert not re.search(r'src="https?://(?![\w.:-]+/overlay/)', html)


@pytest.mark.promise("portal.13")
async def test_the_second_to_save_hears_that_settings_changed(house: House) -> None:
    path = f"{house.here}/modules/memories"
    await house.send(path, version="0", own_edit_minutes="30")
    said = await house.send(path, 409, version="0", own_edit_minutes="40")
    assert "Somebody changed these settings meanwhile." in said
    assert "write a number" in await house.send(path, 400, version="1", own_edit_minutes="many")
    assert 'value="30"' in await house.page(path)


@pytest.mark.promise("portal.12")
async def test_without_scripts_the_pages_do_their_work(house: House) -> None:
    memories = f"{house.here}/memories"
    await house.send(memories, kind="quote", content="first, make it work", author="Kent")
    await house.send(memories, kind="link", title="Guide", url="https://example.org")
    assert "An address begins with http" in await house.send(memories, 400, kind="link", title="x", url="ftp://x")
    assert "first, make it work" in await house.page(f"{memories}?q=work")
    await house.send(f"{memories}/quote/1", on=memories, version="1", content="make it right")
    await house.send(f"{memories}/quote/1/delete", on=memories)
    assert "make it right" in await house.page(f"{memories}?state=deleted")
    await house.send(f"{memories}/quote/1/restore", on=f"{memories}?state=deleted", state="deleted")
    assert "make it right" in await house.page(f"{memories}?kind=quote")
    assert "Search for at least 2" in await house.page(f"{memories}?q=x", 400)


async def test_members_get_roles_and_bans(house: House) -> None:
    await house.say("!ping", who="Cy")
    members = f"{house.here}/members"
    html = await house.page(f"{members}?q=cy")
    member = html.split(f"{members}/")[-1].split("/")[0]
    await house.send(f"{members}/{member}/role", on=members, role="vip")
    assert "Cy</strong>" in await house.page(f"{members}?role=vip")
    await house.send(f"{members}/{member}/ban", on=members, reason="loud")
    assert await house.say("!ping", who="Cy") == ""
    await house.send(f"{members}/{member}/unban", on=f"{members}?status=banned")
    assert (await house.say("!ping", who="Cy")).startswith("Pong.")


async def test_modules_are_switched_on_their_page(house: House) -> None:
    modules = f"{house.here}/modules"
    await house.send(f"{modules}/memories/switch", on=modules, enabled="no")
    assert await house.say("!quote") == "memories is off here."
    await house.send(f"{modules}/memories/switch", on=modules, enabled="yes")
    assert "quote" in await house.page(f"{house.here}/commands?q=quote")


async def test_a_person_can_be_added_to_the_playground(house: House) -> None:
    playground = f"{house.here}/playground"
    await house.send(f"{playground}/people", on=playground, name="Eve", look="slack", role="subscriber")
    assert (await house.say("!ping", who="Eve")).startswith("Pong.")
    assert "1 to 25 letters" in await house.send(f"{playground}/people", 400, on=playground, name="<b>", look="slack")
    assert "Nobody of that name" in await house.send(
        f"{playground}/lines", 400, on=playground, **{"as": "Zoe", "text": "hi"}
    )


async def test_a_community_makes_commands_of_its_own(house: House) -> None:
    assert await house.say("!cmd add hug $(user) hugs $(touser)!", who="Ben") == (
        "Added !hug (viewer, 5 s). Try: !cmd test hug"
    )
    # It goes live a moment after it was kept.
    said = await house.say("!hug Ann") or await house.say("!hug Ann")
    assert said == "Dee hugs Ann!"
    assert await house.say("!alias add h !hug", who="Ben") == "!h now runs !hug."
    assert "used 1×" in await house.say("!cmd show hug", who="Ben")
