"""What a trigger does for the router when the router goes away in the middle and asks again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from flask_core.contracts.module import Delivery, DeliveryResult, DeliveryStatus
from flask_core.database import AsyncDAL, Tx
from flask_core.datamodels import Chat
from flask_core.delivering import Delivering, Done
from flask_core.errors import ServiceError, Unavailable
from flask_core.sending_repository import Begun, SendingRepository
from flask_core.testing.installation import until

_TABLE = (
    "CREATE TABLE sendings (idempotency_key TEXT PRIMARY KEY, result TEXT NOT NULL, digest TEXT NOT NULL,"
    " begun_at TIMESTAMPTZ NOT NULL)"
)
PONG = Delivery(1, "why:1", "twitch:1:1", Chat("Pong"), 1)


class Mouth:
    """Says a line once `go_on` is set, unless `trouble` comes first."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.go_on = asyncio.Event()
        self.trouble: ServiceError | None = None

    async def say(self, delivery: Delivery) -> Done:
        self.said.append(delivery.idempotency_key)
        await self.go_on.wait()
        if self.trouble is not None:
            raise self.trouble
        return Done(("m-1",))


@pytest.fixture
async def sendings(tmp_path: Path) -> AsyncIterator[SendingRepository]:
    database = AsyncDAL(f"sqlite://{tmp_path}/t.db")
    async with database.connected():
        await database.write(lambda tx: tx.run(_TABLE))
        yield SendingRepository(database)


async def gives_up(delivering: Delivering, mouth: Mouth) -> None:
    """The router asks, and goes away while the line is being said."""
    asked = asyncio.create_task(delivering.deliver([PONG]))
    await until(lambda: mouth.said)
    asked.cancel()
    await asyncio.gather(asked, return_exceptions=True)


async def again(delivering: Delivering) -> asyncio.Task[list[DeliveryResult]]:
    """The router asks again."""
    asked = asyncio.create_task(delivering.deliver([PONG]))
    await asyncio.sleep(0)
    return asked


async def test_who_went_away_and_asks_again_hears_how_it_ended(sendings: SendingRepository) -> None:
    mouth = Mouth()
    delivering = Delivering(mouth.say, sendings, lambda: datetime.now(UTC))
    await gives_up(delivering, mouth)
    asked = await again(delivering)
    mouth.go_on.set()
    assert await asked == [DeliveryResult(1, DeliveryStatus.DONE, ("m-1",))]
    assert mouth.said == ["why:1"]
    await delivering.close()


async def test_what_never_left_is_not_unknown_to_who_went_away(sendings: SendingRepository) -> None:
    mouth = Mouth()
    mouth.trouble = Unavailable("Twitch is not answering right now.", retry_after=2)
    delivering = Delivering(mouth.say, sendings, lambda: datetime.now(UTC))
    await gives_up(delivering, mouth)
    asked = await again(delivering)
    mouth.go_on.set()
    assert (await asked)[0].status is DeliveryStatus.RATE_LIMITED
    mouth.trouble = None
    assert (await delivering.deliver([PONG]))[0].status is DeliveryStatus.DONE
    await delivering.close()


async def test_what_was_begun_is_finished_before_we_end(sendings: SendingRepository) -> None:
    mouth = Mouth()
    delivering = Delivering(mouth.say, sendings, lambda: datetime.now(UTC))
    await gives_up(delivering, mouth)
    mouth.go_on.set()
    await delivering.close()
    assert (await Delivering(mouth.say, sendings).deliver([PONG]))[0].message_ids == ("m-1",)
    assert mouth.said == ["why:1"]


async def test_what_another_process_took_back_meanwhile_is_new(tmp_path: Path) -> None:
    class LooksLate(AsyncDAL):
        async def read[R](self, unit: Callable[[Tx], R]) -> R:
            await there.take_back(["why:1"])
            return await super().read(unit)

    async with LooksLate(f"sqlite://{tmp_path}/t.db").connected() as database:
        await database.write(lambda tx: tx.run(_TABLE))
        here = there = SendingRepository(database)
        await there.begin([("why:1", "d")], datetime.now(UTC))
        assert await here.begin([("why:1", "d")], datetime.now(UTC)) == [Begun(new=True)]
