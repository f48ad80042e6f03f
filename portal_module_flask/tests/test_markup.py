"""What people type shows as text, no page asks another host for anything, and nonsense is refused in words."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest

from portal_module_flask.tests.house import House

STATUS = {
    "/data/enter": 404,
    "/data/x/receipt": 404,
    "/me/data/x/file": 404,
    "/": 303,
    "/auth/set-up": 404,
    "/auth/x/start": 404,
    "/auth/x/callback": 404,
    "/connect/twitch/callback": 400,
    "/connect/discord/callback": 400,
}
HOSTILE = "<script>alert(1)</script><img src=https://evil.example/x onerror=alert(2)>"
PASTED = f"!commands add !<b>{HOSTILE[:20]} {HOSTILE}"
_ASKS = re.compile(r"<(?:script|img|link|iframe|source|video|audio|object|embed|form|base)\b[^>]*", re.IGNORECASE)


@pytest.mark.promise("portal.10")
async def test_markup_shows_as_text_and_nothing_foreign_is_loaded(new: House) -> None:
    await new.set_up()
    await new.send("/me/name", on="/me", name=HOSTILE[:60])
    where = await new.send("/communities/new", name=HOSTILE[:60])
    new.community_id = int(where.split("/")[2])
    await new.page(new.playground)
    memories = f"{new.here}/memories"
    await new.send(memories, kind="quote", content=HOSTILE, author=HOSTILE, tags="<b>")
    await new.send(memories, kind="link", title=HOSTILE, url="https://example.org/?<script>")
    await new.send(f"{memories}/categories", name=HOSTILE[:60], icon="<b>", colour="#112233")
    everybody = f"console:{new.community_id}:playground"
    await new.send(f"{memories}/reminders", text=HOSTILE, when="in 2h", channel=everybody)
    assert "&lt;script&gt;alert" in await new.page(f"{memories}/reminders?channel={everybody}")
    await new.send(f"{new.here}/overlays", name=HOSTILE[:60])
    rule = {"name": HOSTILE[:60], "match": "contains", "pattern": HOSTILE, "do": "warn", "warn_text": HOSTILE}
    await new.send(f"{new.here}/moderation/rules/new", **rule, exempt_label=HOSTILE)
    own, counters = f"{new.here}/commands/own", f"{new.here}/commands/counters"
    await new.send(own, on=f"{own}/new", kind="text", name="hug", body=HOSTILE, enabled="yes")
    await new.send(f"{counters}/set", on=counters, name=HOSTILE[:50], value="1")
    await new.send(f"{counters}/keep-text", on=counters, name="b", value=HOSTILE)
    assert "&lt;script&gt;alert" in await new.send(f"{own}/preview", 200, on=own, name="x", body=HOSTILE)
    await new.send(f"{new.here}/commands/own/imports/file", on=f"{new.here}/commands/own/imports", text=PASTED)
    await new.say(f"!quote add {HOSTILE} by <b>Eve</b>", who="Ben")
    event = (await new.act("Ben", text="!ticker <i>hello</i>")).event_id
    await new.trace(event)
    seen = 0
    for address, _ in new.pages("GET"):
        if address.endswith("/stream"):
            continue
        path = address.replace("/traces/x", f"/traces/{event}")
        html, headers = await new.look(path, STATUS.get(path, 404 if path.endswith("/x") else 200))
        seen += 1
        if headers["Content-Type"] == "application/json":
            assert headers["Content-Disposition"].startswith("attachment;"), path
            assert headers["X-Content-Type-Options"] == "nosniff"
            continue
        for raw in ("<script>alert", "<img src=https", "<b>", "<i>"):
            assert raw not in html, path
        for tag in _ASKS.findall(html):
            for asked in re.findall(r'(?:src|href|action)="([^"]*)"', tag):
                assert asked.startswith(("/", "?", "http://localhost:8027/overlay/")), (path, asked)
        assert headers["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self'; style-src 'self'")
        assert "style=" not in html
        assert "onclick" not in html
    assert seen > 10


async def test_nonsense_in_forms_and_addresses_is_refused_in_words(house: House) -> None:
    memories, settings = f"{house.here}/memories", f"{house.here}/modules/memories"
    await house.send(memories, kind="quote", content="here")
    for version in ("one", "-1", "9" * 40, "²"):
        assert "Load the page again" in await house.send(settings, 400, version=version, own_edit_minutes="30")
        assert "Load the page again" in await house.send(f"{memories}/quote/1", 400, on=memories, version=version)
        await house.page(f"{house.playground}/stream?after={quote(version)}", 400)
    for number in ("0", "-3", "two"):
        assert ">here<" in await house.page(f"{memories}?page={number}")
    for address in (memories, f"{house.here}/members"):
        assert ">here<" not in await house.page(f"{address}?page={'9' * 40}")
    for path in (f"{memories}?kind=poem", f"{memories}?state=lost", f"{house.here}/members?role=king&status=x"):
        response = await house.web.get(path)
        assert response.status_code in {200, 400}, path
    for path in (f"{memories}/quote/{'9' * 40}/delete", f"{house.here}/overlays/{'9' * 40}/rotate"):
        answer = await house.post(path, on=memories)
        assert answer.status_code in {400, 404}, path
    assert (await house.web.get(f"/c/{'9' * 40}/home")).status_code in {400, 404}
