"""What is kept of an event, for how long, and who it was."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from flask_core.contracts import router
from flask_core.database import AsyncDAL
from flask_core.datamodels import MessageType
from flask_core.migrations import SHARED_FOLDER, migrate
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
