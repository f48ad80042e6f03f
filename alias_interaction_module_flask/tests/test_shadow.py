"""Ann lets both bots run for a while, and only one of them speaks."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
import pytest_asyncio

from alias_interaction_module_flask.imports.import_repository import ImportRepository
from alias_interaction_module_flask.imports.row_repository import RowRepository
from alias_interaction_module_flask.shadow.comparing import Line, uses, verdict
from alias_interaction_module_flask.shadow.shadow_repository import ShadowRepository
from alias_interaction_module_flask.shadow.watching import Watching
from alias_interaction_module_flask.tests.moving import Move, moving
from alias_interaction_module_flask.tests.payloads import nightbot_command
from flask_core.contracts import alias, alias_shadow
from flask_core.contracts.alias_shadow import Run, Shadow
from flask_core.errors import Conflict, Forbidden

NOON = datetime(2026, 3, 11, 12, tzinfo=UTC)


@pytest_asyncio.fixture
async def move(database_url: str) -> AsyncIterator[Move]:
    async with moving(database_url) as made:
        yield made


async def look(move: Move, **later: float) -> None:
    """Another process looks at the chat, when that time has passed."""
    service = move.street.service
    parts = service.app.extensions["alias"]
    now = datetime.now(UTC) + timedelta(**later)
    shadows = ShadowRepository(service.database)
    watching = Watching(
        shadows, ImportRepository(service.database), RowRepository(service.database), parts.desk.entries.texts,
        service.services, lambda: now,
    )  # fmt: skip
    await service.database.write(lambda tx: tx.run("UPDATE shadows SET claimed_until = due_at, claimed_by = ''"))
    for due in await shadows.claim("another process", now, 10):
        await shadows.record(due, await watching.work(due))


async def shadow(move: Move) -> Shadow:
    view: Shadow = await move.ask(alias_shadow.SHADOW, alias_shadow.ShadowOf(move.here))
    return view


async def started(move: Move, **fields: Any) -> Shadow:
    only = [
        nightbot_command(1, name="!hug", message="$(user) hugs $(touser) $(count)"),
        nightbot_command(2, name="!roll", message="rolled $(eval Math.floor(Math.random()*6)+1)"),
        nightbot_command(3, name="!hi", message="hello"),
        nightbot_command(4, name="!echo", message="$(1)"),
        nightbot_command(5, name="!quiet", message="says something"),
        nightbot_command(6, name="!page", message="$(urlfetch https://example.org/)"),
        nightbot_command(8, name="!heard", message="$(lastfm grace)"),
        nightbot_command(7, name="!mods", message="for moderators", userLevel="moderator"),
    ]
    bot = move.nightbot
    bot.commands, bot.default, bot.timers, bot.filters, bot.regulars, bot.playlist = only, [], [], [], [], []
    one = await move.connect()
    view: Shadow = await move.ask(alias_shadow.START_SHADOW, alias_shadow.StartShadow(move.here, one.id, **fields))
    return view


@pytest.mark.promise("alias.20")
async def test_what_both_would_say_is_compared_without_a_word_of_ours(move: Move) -> None:
    assert (await started(move)).on
    said, written = len(move.street.said), [
        ("!hug @Ben", "dee"), ("Dee  hugs @Ben 215", "nightbot"),
        ("!roll", "dee"), ("rolled 4", "nightbot"),
        ("!hi", "dee"), ("good evening", "nightbot"),
        ("!echo", "dee"), ("something", "nightbot"),
        ("!page", "dee"), ("a page", "nightbot"), ("!heard", "dee"), ("Blue by Joni Mitchell", "nightbot"),
        ("!mods", "dee"), ("!unknown", "dee"), ("just talking", "dee"), ("!quiet", "dee"),
    ]  # fmt: skip
    for text, user in written:
        await move.street.trace(await move.street.write(text, user))
    await look(move, seconds=8)
    view = await shadow(move)
    assert view.verdicts == {"same": 2, "different": 1, "no reply": 1, "only we replied": 1}
    assert not view.ready
    report = (await move.ask(alias_shadow.REPORT, alias_shadow.ShadowOf(move.here))).items
    assert {run.command: (run.verdict, run.theirs) for run in report} == {
        "hug": ("same", "Dee  hugs @Ben 215"), "roll": ("same", "rolled 4"), "hi": ("different", "good evening"),
        "echo": ("no reply", "something"), "quiet": ("only we replied", ""),
    }  # fmt: skip
    # Nothing was said, nothing was counted, and looking again finds nothing twice.
    assert len(move.street.said) == said
    assert (await move.ask(alias.COUNTERS, alias.CommunityId(move.here))).items == ()
    await look(move, seconds=20)
    assert (await shadow(move)).verdicts == view.verdicts
    await move.ask(alias_shadow.STOP_SHADOW, alias_shadow.ShadowOf(move.here))
    assert await shadow(move) == Shadow()


async def test_it_ends_by_itself_and_with_its_import(move: Move) -> None:
    await started(move, days=1)
    await look(move, days=1, seconds=1)
    assert not (await shadow(move)).on
    view = await started(move)
    one = await move.view(view.import_id)
    await move.apply(one)
    await look(move, seconds=8)
    view = await shadow(move)
    assert (view.on, view.error) == (False, "The import was taken over or left.")
    with pytest.raises(Conflict, match="both bots would answer"):
        await move.ask(alias_shadow.START_SHADOW, alias_shadow.StartShadow(move.here, one.id))
    with pytest.raises(Forbidden):
        await move.ask(alias_shadow.SHADOW, alias_shadow.ShadowOf(move.here), "ben")


@pytest.mark.promise("alias.20")
async def test_fifty_that_are_the_same_are_enough_to_switch(move: Move) -> None:
    await started(move)
    shadows = ShadowRepository(move.street.service.database)
    runs = [(f"e{n}", Run("hi", "!hi", NOON, "same", "hello", "hello")) for n in range(50)]
    await shadows.keep(move.here, NOON, runs[:49])
    assert not (await shadow(move)).ready
    await shadows.keep(move.here, NOON, runs)
    assert (await shadow(move)).ready
    await shadows.keep(move.here, NOON, [("odd", msgspec.structs.replace(runs[0][1], verdict="different"))])
    assert not (await shadow(move)).ready
    await shadows.forget_old(NOON + timedelta(days=14, seconds=1))
    assert (await shadow(move)).verdicts == {}


def line(second: float, speaker: str, text: str, channel: str = "twitch:1:1") -> Line:
    return Line(f"{second}", channel, speaker, text, NOON + timedelta(seconds=second))


def test_an_answer_belongs_to_the_first_command_that_waits_for_it() -> None:
    lines = [
        line(0, "Dee", "!hi"), line(1, "Eve", "!hi there"), line(2, "NightBot", "hello"), line(3, "nightbot", "hello"),
        line(4, "Dee", "!hi"), line(9.5, "Nightbot", "too late"), line(10, "Nightbot", "!hi"),
        line(11, "Dee", "!HI"), replace(line(12, "Nightbot", "elsewhere"), channel="twitch:2:2"),
    ]  # fmt: skip
    found = [(use.line.at.second, use.words, use.theirs) for use in uses(lines, "Nightbot", {"hi": None})]
    assert found == [(0, "", "hello"), (1, "there", "hello"), (4, "", ""), (11, "", "")]


def test_white_space_and_chance_count_for_nothing() -> None:
    assert verdict("a  b ", " a b", numbers=False) == "same"
    assert verdict("rolled 3", "rolled 5", numbers=True) == "same"
    assert verdict("rolled 3", "rolled 5", numbers=False) == "different"
    assert verdict("", " ", numbers=False) is None
    assert verdict("a", "", numbers=False) == "only we replied"
    assert verdict("", "a", numbers=False) == "no reply"
