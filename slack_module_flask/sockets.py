"""Slack's sockets, shared among replicas by claims: each holds some, and events reach any of them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any

from flask_core.contracts.claims import Report, Resource
from flask_core.errors import ServiceError
from slack_module_flask.connection import Connection
from slack_module_flask.intake import Intake
from slack_module_flask.web_api import WebApi

log = logging.getLogger(__name__)

KIND = "slack:socket"
_AGAIN = 30.0


class Sockets:
    """The work that is claimed: `slack:socket:1` and its like, `wanted` in all replicas together."""

    def __init__(
        self,
        api: WebApi,
        app_token: str,
        intake: Intake,
        wanted: int,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._api = api
        self._app_token = app_token
        self._intake = intake
        self._sleep = sleep
        self.wanted = wanted
        self._open: dict[str, tuple[Connection, asyncio.Task[None]]] = {}

    @property
    def said_hello(self) -> int:
        """How many of ours are open."""
        return sum(connection.said_hello for connection, _ in self._open.values())

    @property
    def reason(self) -> str:
        """Why one is not, as a sentence; "" when all are."""
        return next((connection.reason for connection, _ in self._open.values() if connection.reason), "")

    async def resources(self) -> Sequence[Resource]:
        """As many as the operator wants."""
        return [Resource(f"{KIND}:{number}") for number in range(1, self.wanted + 1)]

    async def begin(self, resource: str) -> None:
        """Open one."""
        connection = Connection(self._api, self._app_token, self._take, self._sleep)
        self._open[resource] = (connection, asyncio.create_task(self._keep_open(connection), name=resource))

    async def end(self, resource: str) -> None:
        """Close it."""
        held = self._open.pop(resource, None)
        if held is not None:
            held[1].cancel()
            with suppress(asyncio.CancelledError):
                await held[1]

    def report(self, resource: str) -> Report:
        """That we hold it."""
        return Report(resource)

    async def close(self) -> None:
        """Close all."""
        for resource in list(self._open):
            await self.end(resource)

    async def _keep_open(self, connection: Connection) -> None:
        while True:
            try:
                await connection.run()
            except ServiceError as error:
                connection.reason = error.message
                log.warning("a socket rests: %s", error.message)
            await self._sleep(_AGAIN)

    async def _take(self, kind: str, payload: dict[str, Any], again: bool) -> dict[str, Any]:
        return await self._intake.take(kind, payload, again=again)
