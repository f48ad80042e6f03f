"""A process's share of what its trigger looks after: claimed, checked in and released in the background."""

from __future__ import annotations

import asyncio
import logging
import re
import socket
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from flask_core.contracts.claims import (
    CHECK_IN,
    CHECK_IN_SECONDS,
    CLAIM,
    ERROR,
    LIFE_SECONDS,
    PUT_RESOURCES,
    RELEASE,
    CheckIn,
    ClaimError,
    ClaimSome,
    PutResources,
    Release,
    Report,
    Resource,
)
from flask_core.errors import Conflict, ServiceError
from flask_core.service_client import ServiceClient

log = logging.getLogger(__name__)

STEP_SECONDS = 30.0
_UNUSUAL = re.compile(r"[^A-Za-z0-9._-]")


class Work(Protocol):
    """What a trigger does with its share."""

    async def resources(self) -> Sequence[Resource]:
        """Everything of the kind that there is to look after, in all replicas together."""
        ...

    async def begin(self, resource: str) -> None:
        """Look after it from now on; an error of the family is reported, and the work counts as not begun."""
        ...

    async def end(self, resource: str) -> None:
        """Let it go: somebody else has it, or soon will."""
        ...

    def report(self, resource: str) -> Report:
        """How it is doing."""
        ...


class ClaimKeeper:
    """Add `run` to the background of a trigger, and `release` to its end.

    `most` is how many resources this process may hold, 0 for as many as the router gives. `share` is how many it shall
    hold now that there are others, 0 for no such number: what it holds beyond is given to them. While the router is
    away the work goes on: nobody else can claim then. What could not be renewed for 30 minutes is let go.
    """

    def __init__(
        self,
        client: ServiceClient,
        kind: str,
        instance: str,
        work: Work,
        *,
        most: int = 0,
        share: Callable[[], int] = lambda: 0,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._client = client
        self._kind = kind
        self._instance = instance
        self._work = work
        self._most = most
        self._share = share
        self._clock = clock
        self._sleep = sleep
        self._until: dict[str, float] = {}
        self._told: tuple[Resource, ...] | None = None
        self._check_in_at = 0.0

    @property
    def held(self) -> tuple[str, ...]:
        """What this process looks after now."""
        return tuple(self._until)

    async def run(self) -> None:
        """For ever, every 30 s."""
        while True:
            try:
                await self.step()
            except ServiceError as error:
                log.warning("claims of %s wait: %s", self._kind, error.message)
                await self._let_go_of_what_ended()
            await self._sleep(STEP_SECONDS)

    async def step(self) -> None:
        """Check in when it is time, tell what there is, take what is free. Raises what the router answers."""
        if self._clock() >= self._check_in_at:
            await self._check_in()
        there = tuple(await self._work.resources())
        if there != self._told:
            await self._client.call("router", PUT_RESOURCES, PutResources(self._kind, there))
            self._told = there
        share = self._share()
        answer = await self._client.call("router", CLAIM, ClaimSome(self._kind, self._instance, share or self._most))
        held = [claim.resource for claim in answer.items]
        mine, surplus = set(held[: share or None]), tuple(held[share:]) if share else ()
        for resource in [resource for resource in self._until if resource not in mine]:
            await self._lose(resource)
        if surplus:
            await self._give_back(surplus)
        for resource in mine - self._until.keys():
            await self._win(resource)

    async def _check_in(self) -> None:
        reports = tuple(self._work.report(resource) for resource in self._until)
        if reports:
            answer = await self._client.call("router", CHECK_IN, CheckIn(self._instance, reports))
            for claim in answer.items:
                self._until[claim.resource] = self._clock() + LIFE_SECONDS
            for resource in answer.lost:
                await self._lose(resource)
        # A router with another database has to be told again what there is.
        self._told = None
        self._check_in_at = self._clock() + CHECK_IN_SECONDS

    async def _win(self, resource: str) -> None:
        try:
            await self._work.begin(resource)
        except ServiceError as error:
            if not await self._blame(resource, error.message):
                await self._give_back((resource,))
            return
        self._until[resource] = self._clock() + LIFE_SECONDS

    async def _lose(self, resource: str) -> None:
        if self._until.pop(resource, None) is not None:
            await self._work.end(resource)

    async def _let_go_of_what_ended(self) -> None:
        now = self._clock()
        for resource in [resource for resource, until in self._until.items() if until <= now]:
            await self._lose(resource)

    async def failed(self, resource: str, reason: str) -> None:
        """Say that work on a resource fails; after the third time in ten minutes it is not ours any more."""
        if await self._blame(resource, reason):
            await self._lose(resource)

    async def _blame(self, resource: str, reason: str) -> bool:
        """Whether the router has taken it away by now."""
        try:
            trouble = await self._client.call("router", ERROR, ClaimError(self._instance, resource, reason))
        except Conflict:
            return True
        return trouble.parked_until is not None

    async def release(self) -> None:
        """End all work and give it to the others at once."""
        held = self.held
        for resource in held:
            await self._lose(resource)
        if held:
            await self._give_back(held)

    async def _give_back(self, resources: tuple[str, ...]) -> None:
        try:
            await self._client.call("router", RELEASE, Release(self._instance, resources))
        except Conflict as error:
            rest = tuple(name for name in resources if name != error.details.get("resource"))
            if rest and len(rest) < len(resources):
                await self._give_back(rest)
        except ServiceError as error:
            log.warning("claims of %s come free by themselves: %s", self._kind, error.message)


def instance_of(port: int) -> str:
    """The same name after a restart, so that what this replica looked after before its crash is its own at once."""
    return f"{_UNUSUAL.sub('-', socket.gethostname())[:80]}:{port}"
