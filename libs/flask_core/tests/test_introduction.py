"""The router hears of a module again and again, and of its end."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest

from flask_core.contracts import router
from flask_core.datamodels import Manifest
from flask_core.errors import Conflict, Unavailable
from flask_core.introduction import introduce, take_leave

MANIFEST = Manifest("memories", "1", "interaction", "http://memories:8031", "instance-1")


class Router:
    """Answers as it is told, then calls everything off."""

    def __init__(self, *plan: float | Exception) -> None:
        self.plan = list(plan)
        self.asked: list[Any] = []
        self.slept: list[float] = []

    async def call(self, module: str, operation: object, request: object, **_: object) -> Any:
        self.asked.append((module, operation, request))
        answer = self.plan.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return router.Welcome(answer)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        if not self.plan:
            raise asyncio.CancelledError

    async def meets(self) -> list[float]:
        """What was slept between introductions, made whole again after the jitter."""
        with pytest.raises(asyncio.CancelledError):
            await introduce(self, MANIFEST, sleep=self.sleep)  # type: ignore[arg-type]
        return self.slept


AWAY = Unavailable("The router module is not answering right now.")


async def test_a_module_introduces_itself_as_often_as_the_router_wants() -> None:
    welcoming = Router(30, 30, 10)
    slept = await welcoming.meets()
    assert [0.8 * wanted <= seconds <= wanted for seconds, wanted in zip(slept, (30, 30, 10), strict=True)] == [
        True
    ] * 3
    assert welcoming.asked[0] == ("router", router.INTRODUCE, router.Introduction("memories", MANIFEST))


async def test_while_the_router_is_away_it_waits_longer_each_time() -> None:
    slept = await Router(*[AWAY] * 10).meets()
    most = [0.4, 0.8, 1.6, 3, 3, 3, 3, 3, 3, 3]
    assert [0.8 * wanted <= seconds <= wanted for seconds, wanted in zip(slept, most, strict=True)] == [True] * 10


async def test_it_is_said_once_that_the_router_went_away(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        await Router(AWAY, 30, AWAY, Conflict("Another module has this command."), 30).meets()
    assert [record.getMessage() for record in caplog.records] == ["the router does not answer: unavailable"]


async def test_who_leaves_says_so_and_does_not_mind_silence() -> None:
    listening = Router(30)
    await take_leave(listening, MANIFEST)  # type: ignore[arg-type]
    assert listening.asked == [("router", router.LEAVE, router.InstanceName("memories", "instance-1"))]
    await take_leave(Router(AWAY), MANIFEST)  # type: ignore[arg-type]
