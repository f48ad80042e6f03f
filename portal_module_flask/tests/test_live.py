"""Live, audit, nukes and dead letters in the browser."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime

import msgspec
import pytest

from flask_core.datamodels import Account, Event, MessageType
from portal_module_flask.tests.house import House
from portal_module_flask.views import live
from portal_module_flask.views.audit import differences


async def test_live_shows_what_happened_with_its_outcome_and_its_trace(house: House) -> None:
    path = f"{house.here}/live"
    assert "Nothing happened in the last quarter of an hour." in await house.page(path)
    await house.say("!ping")
    await house.say("hello <b>all</b>", who="Cy")
    html = await house.page(path)
    assert html.index("hello &lt;b&gt;all&lt;/b&gt;") < html.index("!ping")
    assert f'href="{house.here}/traces/console:' in html
    assert ">said</span>" in html
    assert 'class="card empty" data-nothing hidden' in html


async def test_live_goes_on_by_itself(house: House) -> None:
    await house.say("!ping")
    html = await house.page(f"{house.here}/live")
    last = html.split('data-last="')[1].split('"')[0]
    stream = f"{house.here}/live/stream?after={last}"
    async with asyncio.timeout(10), house.web.request(stream) as connection:
        await connection.send_complete()
        said = await house.act("Cy", text="hello there")
        event = await connection.receive()
        await connection.disconnect()
    number, told = event.decode().strip().split("\n")
    assert number == f"id: {said.event_id}"
    one = json.loads(told.removeprefix("data: "))
    assert (one["speaker"], one["text"], one["outcome"]) == ("Cy", "hello there", "plain")


async def test_too_many_watchers_are_told_of_the_button(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "MOST_STREAMS", 0)
    assert "Too many people watch right now." in await house.page(f"{house.here}/live/stream", 429)


async def test_nukes_are_previewed_done_and_undone(house: House) -> None:
    nuke = f"{house.here}/moderation/nukes"
    assert "No nuke yet." in await house.page(nuke)
    await house.say("get FREE skins", who="Cy")
    await house.say("no free skins please", who="Ben")
    wanted = {"words": "free skins", "kind": "text", "back": "300", "act": "timeout", "seconds": "600", "channel": ""}
    shown = await house.send(nuke, 200, on=nuke, **wanted)
    assert "1 message, 1 account timed out; 1 account left alone." in shown
    assert "moderator: left alone" in shown
    assert "No nuke yet." in shown
    key = shown.split('name="key" value="')[1].split('"')[0]
    for _ in range(2):
        assert await house.send(nuke, on=nuke, sure="yes", key=key, **wanted) == f"{nuke}?made=1"
    html = await house.page(f"{nuke}?made=1")
    assert "Nuke #1 is on its way." in html
    assert html.count("Undo") == 2
    where = await house.send(f"{nuke}/1/undo", on=nuke)
    assert "Nuke #1 is undone" in await house.page(where)
    assert "undone already" in await house.send(f"{nuke}/1/undo", 409, on=nuke)
    assert "at least two characters" in await house.send(nuke, 400, on=nuke, **{**wanted, "words": "x"})
    assert "cannot be read" in await house.send(nuke, 400, on=nuke, **{**wanted, "act": "explode"})


async def test_the_audit_names_people_and_tells_before_and_after(house: House) -> None:
    audit = f"{house.here}/audit"
    assert "Nobody has changed anything yet." in await house.page(audit)
    assert "Nobody has changed anything like that yet." in await house.page(f"{audit}?action=rule")
    await house.send(f"{house.here}/modules/memories/switch", on=f"{house.here}/modules", enabled="no")
    await house.say("free skins", who="Cy")
    await house.say('!nuke "free skins"', who="Ben")
    html = await house.page(audit)
    assert "2 changes" in html
    assert "<div>off</div>" in html
    assert ">Ann</a>" in html
    assert ">Ben</a>" in html
    assert "act: timeout" in html
    assert "1 change," in await house.page(f"{audit}?action=module")


@pytest.mark.parametrize(
    ("was", "became", "said"),
    [
        ("", "true", [("", "", "on")]),
        ("false", "true", [("", "off", "on")]),
        ("true", "true", []),
        ('{"a": 1, "b": [1, 2]}', '{"a": 1, "c_d": {"e": null}}', [("c d", "", "e "), ("b", "1, 2", "")]),
        ("not json", "", [("", "not json", "")]),
    ],
)
def test_two_states_become_their_differences(was: str, became: str, said: list[tuple[str, str, str]]) -> None:
    assert differences(was, became) == said


async def test_an_operator_replays_a_dead_letter(house: House) -> None:
    page = "/operator/dead-letters"
    assert "No event was given up." in await house.page(page)
    now, channel = datetime.now(UTC), f"console:{house.community_id}:playground"
    event = Event("console:dead", MessageType.CHAT, channel, now, Account("cy", "cy", "Cy"), "a secret")
    row = (event.event_id, event.channel, msgspec.json.encode(event).decode(), "dead", 5, "", now, now)
    await house.inst.services["router"].database.write(
        lambda tx: tx.run(
            "INSERT INTO event_log (event_id, channel, body, status, attempts, lease_owner, leased_until, received_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            *row,
        )
    )
    html = await house.page(page)
    assert "console:dead" in html
    assert "a secret" not in html
    letter = html.split('name="id" value="')[1].split('"')[0]
    where = await house.send(page, on=page, id=letter)
    html = await house.page(where)
    assert "console:dead is read again." in html
    assert "Replayed lately" in html
    assert (await house.trace("console:dead")).outcome
    assert "Somebody may have replayed it already." in await house.send(page, 404, on=page, id=letter)


async def test_owners_choose_retention_on_the_router_s_page(house: House) -> None:
    path = f"{house.here}/modules/router"
    html = await house.page(path)
    assert "Hours that texts are kept" in html
    await house.send(path, version="0", message_hours="0", trace_days="")
    html = await house.page(path)
    assert 'name="message_hours" value="0"' in html
    assert 'name="trace_days" value=""' in html
    said = await house.act("Cy", text="!ping")
    trace = await house.trace(said.event_id)
    assert (trace.text, trace.had_text) == ("", True)
    assert "The text is no longer kept." in await house.page(f"{house.here}/traces/{said.event_id}")
    followed = await house.act("Cy", event="follow")
    await house.trace(followed.event_id)
    assert "no longer kept" not in await house.page(f"{house.here}/traces/{followed.event_id}")
    assert "72" in await house.send(path, 400, version="1", message_hours="73", trace_days="")


async def test_moderators_of_elsewhere_see_none_of_it(house: House) -> None:
    for page in ("live", "live/stream", "audit", "moderation/nukes"):
        await house.page(f"/c/{house.community_id + 7}/{page}", 404)
