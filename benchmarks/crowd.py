"""Load from one process over loopback: so many requests in flight, or so many a second."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Awaitable, Callable

type Act = Callable[[int], Awaitable[None]]

_PATIENCE = 60.0


async def in_flight(act: Act, total: int, at_once: int) -> float:
    """How many a second when `at_once` of `total` are always on their way."""
    numbers = itertools.count()

    async def one() -> None:
        while (number := next(numbers)) < total:
            await act(number)

    began = time.perf_counter()
    async with asyncio.timeout(_PATIENCE), asyncio.TaskGroup() as people:
        for _ in range(at_once):
            people.create_task(one())
    return total / (time.perf_counter() - began)


async def at_rate(act: Act, per_second: float, seconds: float) -> list[float]:
    """How long each took, in seconds, counted from when it was due: a late start is part of the waiting."""
    taken: list[float] = []

    async def one(number: int, due: float) -> None:
        await act(number)
        taken.append(time.perf_counter() - due)

    began = time.perf_counter()
    async with asyncio.timeout(_PATIENCE), asyncio.TaskGroup() as people:
        for number in range(int(per_second * seconds)):
            due = began + number / per_second
            if (wait := due - time.perf_counter()) > 0:
                await asyncio.sleep(wait)
            people.create_task(one(number, due))
    return taken
