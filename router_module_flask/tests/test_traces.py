"""What is kept of an event, for how long, and who it was."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from flask_core.contracts import module, router
from flask_core.database import AsyncDAL
from flask_core.datamodels import MessageType, Role
from flask_core.errors import Forbidden, InvalidInput
from flask_core.migrations import SHARED_FOLDER, migrate
from flask_core.operations import Acting
from router_module_flask.retained import Bounds, chosen_by_communities
from router_module_flask.tests.conftest import Town

FOLDER = Path(__file__).parents[1]


def in_future(**later: float) -> Callable[[], datetime]:
    return lambda: datetime.now(UTC) + timedelta(**later)


async def listed(town: Town) -> list[router.TraceView]:
    asked = router.ListTraces(town.community_id)
    return list((await town.portal.client.call("router", router.TRACES, asked)).items)


async def test_what_nobody_typed_has_somebody_too(town: Town) -> None:
    await town.happens(MessageType.FOLLOW, "finn")
    await town.happens(MessageType.RAID, "rita", amount=40)
    await town.happens(MessageType.STREAM_ONLINE, account=None)
    assert [(trace.message_type, trace.speaker, trace.text) for trace in await listed(town)] == [
        ("stream_online", "", ""),
        ("raid", "Rita", ""),
        ("follow", "Finn", ""),
    ]


async def test_texts_go_first_and_traces_later(town: Town) -> None:
    await town.ask("!echo hi")
    town.router.retention._now = in_future(hours=25)
    await town.router.retention.sweep()
    (trace,) = await listed(town)
    assert (trace.speaker, trace.command, trace.text) == ("Dee", "echo", "")
    assert [delivery.text for delivery in trace.deliveries] == [""]
    town.router.retention._now = in_future(days=8)
    await town.router.retention.sweep()
    assert await listed(town) == []


async def test_what_is_done_is_remembered_without_its_words(town: Town) -> None:
    await town.ask("!echo a secret")
    database = town.inst.services["router"].database
    kept = await database.read(lambda tx: tx.rows("SELECT status, body FROM event_log"))
    assert kept == [("done", "")]


async def test_traces_of_before_learn_who_it_was(database_url: str, schema_name: str, tmp_path: Path) -> None:
    before = tmp_path / FOLDER.name / "schema"
    before.mkdir(parents=True)
    shutil.copy(FOLDER / "schema" / "0001_first.sql", before)
    migrate(database_url, schema_name, [SHARED_FOLDER, before])
    database = AsyncDAL(database_url, schema=schema_name)
    at = datetime.now(UTC)
    for event_id in ("old:1", "old:2"):
        trace = (event_id, 2, "console:2:main", "chat", "m", "", "plain", "[]", 1.0, at)
        await database.write(
            lambda tx, trace=trace: tx.run("INSERT INTO traces VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", *trace)
        )
    message = ("old:1", 2, "m", "Dee", "hi", "m1", at)
    await database.write(lambda tx: tx.run("INSERT INTO messages VALUES (?, ?, ?, ?, ?, ?, ?)", *message))
    migrate(database_url, schema_name, [SHARED_FOLDER, FOLDER / "schema"])
    rows = await database.read(lambda tx: tx.rows("SELECT event_id, speaker FROM traces ORDER BY event_id"))
    assert rows == [("old:1", "Dee"), ("old:2", "")]
    await database.close()


async def test_the_list_goes_on_where_a_page_ended(town: Town) -> None:
    for number in range(3):
        await town.recorded(await town.write(f"line {number}"))
    first = router.ListTraces(town.community_id, channel=town.channel, limit=2)
    page = (await town.portal.client.call("router", router.TRACES, first)).items
    assert [trace.text for trace in page] == ["line 2", "line 1"]
    rest = router.ListTraces(town.community_id, before=page[-1].event_id)
    assert [t.text for t in (await town.portal.client.call("router", router.TRACES, rest)).items] == ["line 0"]


async def chooses(town: Town, version: int = 0, acting: Acting | None = None, **document: int | None) -> None:
    asked = module.PutSettings(town.community_id, document, version)
    await town.portal.client.call("router", module.PUT_SETTINGS, asked, acting=acting or town.owner)


async def sweep_later(town: Town, **later: float) -> None:
    town.router.retention._now = in_future(**later)
    await town.router.retention.sweep()


async def texts(town: Town) -> list[str]:
    return [trace.text for trace in await listed(town)]


@pytest.mark.promise("router.17")
async def test_where_no_text_is_kept_none_is_ever_written(town: Town) -> None:
    await chooses(town, message_hours=0)
    await town.recorded(await town.write("!echo a secret"))
    (trace,) = await listed(town)
    assert (trace.text, trace.had_text, trace.command) == ("", True, "echo")
    database = town.inst.services["router"].database
    assert await database.read(lambda tx: tx.value("SELECT count(*) FROM messages")) == 0
    await sweep_later(town, seconds=1)
    kept = await database.read(lambda tx: tx.rows("SELECT kind, state, body FROM deliveries"))
    assert kept == [("chat", "done", "")]
    await chooses(town, 1, message_hours=None)
    await town.recorded(await town.write("kept again"))
    assert await texts(town) == ["kept again", ""]


async def test_owners_keep_texts_shorter_or_longer_than_usual(town: Town) -> None:
    await chooses(town, message_hours=2)
    await town.recorded(await town.write("hello"))
    await sweep_later(town, hours=1)
    assert await texts(town) == ["hello"]
    await sweep_later(town, hours=3)
    assert await texts(town) == [""]
    await chooses(town, 1, message_hours=48)
    await town.recorded(await town.write("again"))
    await sweep_later(town, hours=47)
    assert await texts(town) == ["again", ""]
    await sweep_later(town, hours=49)
    assert await texts(town) == ["", ""]


@pytest.mark.promise("router.17")
async def test_after_retention_nothing_is_recorded(town: Town) -> None:
    await chooses(town, trace_days=1)
    await town.ask("!echo hi")
    (trace,) = await listed(town)
    assert (await town.ask(f"!why {trace.event_id}", "ben", moderator=True)).startswith("!echo by Dee")
    await sweep_later(town, hours=25)
    said = await town.ask(f"!why {trace.event_id}", "bea", moderator=True)
    assert said == "Nothing recorded in the last 24 h."
    assert await town.ask("!why @dee", "cy", moderator=True) == "Nothing recorded in the last 24 h."


async def test_one_community_s_choice_is_not_another_s(town: Town) -> None:
    await town.recorded(await town.write("ours"))
    database = town.inst.services["router"].database
    document, now = '{"message_hours": 1, "trace_days": 14}', datetime.now(UTC)
    other = (town.community_id + 1, document, 1, now)
    await database.write(lambda tx: tx.run("INSERT INTO community_settings VALUES (?, ?, ?, ?)", *other))
    for table in ("messages", "traces"):
        await database.write(
            lambda tx, table=table: tx.run(f"UPDATE {table} SET community_id = ? WHERE 1 = 1", town.community_id + 1)
        )
    await town.recorded(await town.write("hello"))
    await sweep_later(town, hours=2)
    assert await database.read(lambda tx: tx.rows("SELECT text FROM messages")) == [("hello",)]
    await sweep_later(town, days=8)
    left = await database.read(lambda tx: tx.rows("SELECT community_id FROM traces"))
    assert left == [(town.community_id + 1,)]
    await sweep_later(town, days=15)
    assert await database.read(lambda tx: tx.value("SELECT count(*) FROM traces")) == 0


async def test_retention_is_an_owner_s_choice_within_bounds(town: Town) -> None:
    admin = Acting("person-ann", datetime.now(UTC), town.community_id, Role.ADMIN)
    with pytest.raises(Forbidden):
        await chooses(town, acting=admin, message_hours=0)
    for beyond in ({"message_hours": 73}, {"trace_days": 31}, {"trace_days": 0}, {"message_hours": -1}, {"nothing": 1}):
        with pytest.raises(InvalidInput):
            await chooses(town, **beyond)
    settings = await town.portal.client.call(
        "router", module.GET_SETTINGS, module.CommunityOnly(town.community_id), acting=town.owner
    )
    assert (settings.document["message_hours"], settings.document["trace_days"], settings.version) == (None, None, 0)
    await chooses(town, acting=admin)


async def test_settings_of_another_version_are_as_if_nothing_was_chosen(town: Town) -> None:
    bounds = Bounds(24, 7, 72, 30)
    database = town.inst.services["router"].database
    for community_id, document in enumerate(('{"message_hours": "many"}', '{"message_hours": 24}', "{}"), start=900):
        row = (community_id, document, 1, datetime.now(UTC))
        await database.write(lambda tx, row=row: tx.run("INSERT INTO community_settings VALUES (?, ?, ?, ?)", *row))
    assert await database.read(lambda tx: chosen_by_communities(tx, bounds)) == ({}, {})
