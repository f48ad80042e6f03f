"""What Twitch tells while the router is away."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from flask_core.contracts import router
from flask_core.datamodels import Account, Event, MessageType
from flask_core.errors import Unavailable
from flask_core.handover import Handover
from flask_core.spool import SpoolRepository
from flask_core.testing.installation import FakeModule, Installation, installation
from twitch_module_flask.tests.conftest import Stream, sent_now, traces_of

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def line(number: int, *, at: datetime = NOW, kind: MessageType = MessageType.CHAT) -> Event:
    return Event(f"twitch:chat:{number}", kind, "twitch:1:1", at, Account("7"), text=f"line {number}")


class AwayAtFirst:
    """A router that comes back."""

    def __init__(self, module: FakeModule) -> None:
        self.away = True
        self.taken: list[Event] = []

        @module.offers(router.INGEST)
        async def ingest(batch: router.RawBatch, _: object) -> router.IngestAnswer:
            if self.away:
                raise Unavailable("away")
            events = [msgspec.json.decode(raw, type=Event) for raw in batch.events]
            self.taken += events
            return router.IngestAnswer(tuple(router.IngestResult(e.event_id, router.Outcome.ACCEPTED) for e in events))


class Door:
    """A handover over a real spool."""

    def __init__(self, inst: Installation, *, limit: int = 1_000) -> None:
        self.router = AwayAtFirst(inst.fake("router"))
        service = inst.services["twitch"]
        self.spool = SpoolRepository(service.database, limit)
        self.handover, self.other = (
            Handover("twitch", service.services, self.spool, service.shared, lambda: NOW) for _ in range(2)
        )


@pytest.mark.promise("twitch.20")
async def test_all_lines_arrive_in_order_and_late_ones_are_marked(tmp_path: Path) -> None:
    async with installation(["twitch_module_flask"], f"sqlite://{tmp_path}/t.db") as inst:
        door = Door(inst)
        for number in range(300):
            await door.handover.take(line(number, at=NOW - timedelta(seconds=600 - number * 2)))
        assert await door.handover.waiting() == 300
        door.router.away = False
        await door.handover.drain_once()
        assert [event.text for event in door.router.taken] == [f"line {number}" for number in range(300)]
        late = [event for event in door.router.taken if event.data.get("late")]
        assert len(late) == 151
        await door.handover.take(line(300))
        assert door.router.taken[-1].text == "line 300"
        assert await door.handover.waiting() == 0


async def test_a_replica_that_does_not_drain_goes_to_the_router_again_once_nothing_waits(tmp_path: Path) -> None:
    async with installation(["twitch_module_flask"], f"sqlite://{tmp_path}/t.db") as inst:
        door = Door(inst)
        await door.other.take(line(0))
        await door.other.look()
        assert not await door.other.take(line(1))
        door.router.away = False
        await door.handover.drain_once()
        await door.other.look()
        assert await door.other.take(line(2))
        assert [event.text for event in door.router.taken] == ["line 0", "line 1", "line 2"]


async def test_what_was_kept_while_somebody_looked_is_not_overtaken(tmp_path: Path) -> None:
    async with installation(["twitch_module_flask"], f"sqlite://{tmp_path}/t.db") as inst:
        door = Door(inst)
        door.router.away = False
        waiting = door.spool.waiting

        async def meanwhile() -> int:
            found = await waiting()
            await door.other.take(line(0))
            return found

        door.spool.waiting = meanwhile  # type: ignore[method-assign]
        await door.other.look()
        assert not await door.other.take(line(1))


async def test_a_full_spool_gives_up_chat_lines_first_money_last_and_says_how_many(database_url: str) -> None:
    async with installation(["twitch_module_flask"], database_url) as inst:
        door = Door(inst, limit=3)
        await door.handover.take(line(0, kind=MessageType.CHEER))
        liar = line(1, kind=MessageType.FOLLOW)
        await door.handover.take(msgspec.structs.replace(liar, text='"message_type":"cheer"'))
        for number in range(2, 6):
            await door.handover.take(line(number))
        assert await kept(door) == [0, 1, 5]
        await door.handover.take(line(6, kind=MessageType.RAID))
        await door.handover.take(line(7, kind=MessageType.SUBSCRIPTION))
        assert await kept(door) == [0, 6, 7]
        assert (await door.other.lost(), await door.handover.waiting()) == (5, 3)


async def kept(door: Door) -> list[int]:
    """What waits, by number."""
    return [int(event.event_id.rpartition(":")[2]) for _, event in await door.spool.oldest(10)]


@pytest.mark.promise("twitch.3")
async def test_what_could_be_kept_nowhere_is_taken_when_twitch_sends_it_again(stream: Stream) -> None:
    away = stream.inst.runtime.modules.pop("router")
    database = stream.inst.services["twitch"].database
    working = database.write

    async def broken(unit: object) -> object:
        raise Unavailable("The database is away.")

    database.write = broken  # type: ignore[method-assign, assignment]
    body, headers = sent_now("channel.raid")
    assert (await stream.post(body, headers))[0] == 503
    stream.inst.runtime.modules["router"] = away
    database.write = working  # type: ignore[method-assign]
    assert (await stream.post(body, headers))[0] == 204
    assert await traces_of(stream, lambda trace: trace.message_type == MessageType.RAID)
