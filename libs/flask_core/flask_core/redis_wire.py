"""One connection to Redis over which commands travel together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import hiredis
from redis.asyncio import ConnectionPool
from redis.asyncio.connection import AbstractConnection
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ResponseError


def addressed(url: str, *, seconds: float) -> Callable[[], AbstractConnection]:
    """What makes connections to the Redis at `url`, which connect once and within `seconds`.

    They wait without end for answers: whoever asks has a limit, and a second one for each answer costs as much again.
    """
    pool = ConnectionPool.from_url(
        url, protocol=2, socket_connect_timeout=seconds, socket_timeout=None, retry=Retry(NoBackoff(), 0)
    )
    return pool.make_connection


class RedisWire:
    """Sends commands together and gives their answers; one exchange at a time.

    A pipeline of redis-py costs four times as much (docs/decisions/0016). It connects when it is first asked, and
    again after a loss.
    """

    def __init__(self, connect: Callable[[], AbstractConnection]) -> None:
        self._connect = connect
        self._connection: AbstractConnection | None = None

    async def exchange(self, commands: Sequence[tuple[Any, ...]]) -> list[Any]:
        """One answer per command, in order; what Redis refused is a ResponseError among them.

        Raises RedisError or OSError when the connection fails. Cancelled, it hangs up: answers that come
        later must not be taken for others.
        """
        try:
            connection = await self._ready()
            await connection.send_packed_command(b"".join(map(hiredis.pack_command, commands)), check_health=False)
            return [await _answer(connection) for _ in commands]
        except BaseException:
            await self.close()
            raise

    async def _ready(self) -> AbstractConnection:
        """The connection, unless the other side ended it since; then another one."""
        if self._connection is not None and await self._connection.can_read():
            await self.close()
        if self._connection is None:
            self._connection = self._connect()
            await self._connection.connect()  # type: ignore[no-untyped-call]
        return self._connection

    async def close(self) -> None:
        """Hang up; a later exchange connects again."""
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.disconnect(nowait=True)


async def _answer(connection: AbstractConnection) -> Any:
    try:
        return await connection.read_response()
    except ResponseError as refused:
        return refused
