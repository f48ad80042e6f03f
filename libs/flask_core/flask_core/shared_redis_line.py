"""The way of commands to Redis: what is asked in the same moment travels together."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections import deque
from collections.abc import Sequence
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import (
    ConnectionError as RedisGone,
)
from redis.exceptions import (
    MasterDownError,
    NoScriptError,
    OutOfMemoryError,
    ReadOnlyError,
    RedisError,
    ResponseError,
    TryAgainError,
)
from redis.exceptions import (
    TimeoutError as RedisSilent,
)

from flask_core.errors import Unavailable
from flask_core.shared_state import NOT_ANSWERING

log = logging.getLogger(__name__)

_AWAY = (
    RedisGone, RedisSilent, ReadOnlyError, OutOfMemoryError, MasterDownError, TryAgainError, OSError, TimeoutError,
)  # fmt: skip
_MOST_AT_ONCE = 500


class Script:
    """A Lua script and the digest that Redis knows it by."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.digest = hashlib.sha1(source.encode(), usedforsecurity=False).hexdigest()

    def call(self, keys: Sequence[bytes], *arguments: bytes | float) -> tuple[Any, ...]:
        """The command that runs it by digest."""
        return ("EVALSHA", self.digest, len(keys), *keys, *arguments)


class RedisLine:
    """Sends commands in batches, one batch at a time.

    Nothing is sent twice: a claim that Redis took and whose answer was lost would look like somebody
    else's the second time.
    """

    def __init__(self, client: Redis, scripts: Sequence[Script], *, answer_seconds: float) -> None:
        self._client = client
        self._answer_seconds = answer_seconds
        self._sources = {script.digest: script.source for script in scripts}
        self._waiting: deque[tuple[tuple[Any, ...], asyncio.Future[Any]]] = deque()
        self._sender: asyncio.Task[None] | None = None
        self._away = False

    async def ask(self, *command: Any) -> Any:
        """The answer to one command; Unavailable when none comes in time."""
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting.append((command, answer))
        if self._sender is None or self._sender.done():
            self._sender = asyncio.create_task(self._send_waiting(), name="commands to Redis")
        try:
            async with asyncio.timeout(self._answer_seconds):
                return await answer
        except TimeoutError:
            raise Unavailable(NOT_ANSWERING, retry_after=1) from None

    async def close(self) -> None:
        """Refuse what still waits and disconnect."""
        if self._sender is not None:
            self._sender.cancel()
            await asyncio.wait([self._sender])
        self._refuse(self._waiting, RedisGone("closed"))
        await self._client.aclose()

    async def _send_waiting(self) -> None:
        while self._waiting:
            batch = self._next_batch()
            try:
                async with asyncio.timeout(self._answer_seconds):
                    answers = await self._exchange([command for command, _ in batch])
            except (RedisError, OSError, TimeoutError) as error:
                self._note(error)
                self._refuse(batch, error)
            except asyncio.CancelledError:
                self._refuse(batch, RedisGone("closed"))
                raise
            else:
                self._note(None)
                _hand_out(batch, answers)

    def _next_batch(self) -> list[tuple[tuple[Any, ...], asyncio.Future[Any]]]:
        """What is still wanted: nobody hears the answer to a question that was given up."""
        batch: list[tuple[tuple[Any, ...], asyncio.Future[Any]]] = []
        while self._waiting and len(batch) < _MOST_AT_ONCE:
            command, answer = self._waiting.popleft()
            if not answer.done():
                batch.append((command, answer))
        return batch

    async def _exchange(self, commands: list[tuple[Any, ...]]) -> list[Any]:
        answers = await self._once(commands)
        unknown = [index for index, answer in enumerate(answers) if isinstance(answer, NoScriptError)]
        if unknown:
            again = [self._with_source(commands[index]) for index in unknown]
            for index, answer in zip(unknown, await self._once(again), strict=True):
                answers[index] = answer
        return answers

    async def _once(self, commands: list[tuple[Any, ...]]) -> list[Any]:
        if not commands:
            return []
        pipeline = self._client.pipeline(transaction=False)
        for command in commands:
            pipeline.execute_command(*command)
        return await pipeline.execute(raise_on_error=False)

    def _with_source(self, command: tuple[Any, ...]) -> tuple[Any, ...]:
        return ("EVAL", self._sources[command[1]], *command[2:])

    def _note(self, error: BaseException | None) -> None:
        if error is not None and not self._away:
            log.error("shared state is away: %s", type(error).__name__)
        elif error is None and self._away:
            log.warning("shared state is back")
        self._away = error is not None

    def _refuse(self, questions: Sequence[tuple[Any, asyncio.Future[Any]]] | deque[Any], error: BaseException) -> None:
        _hand_out(questions, [error] * len(questions))


def _hand_out(questions: Sequence[tuple[Any, asyncio.Future[Any]]] | deque[Any], answers: Sequence[Any]) -> None:
    for (_, waiting), answer in zip(questions, answers, strict=True):
        if waiting.done():
            continue
        if not isinstance(answer, BaseException):
            waiting.set_result(answer)
            continue
        waiting.set_exception(_translated(answer))


def _translated(error: BaseException) -> BaseException:
    if isinstance(error, _AWAY) or (isinstance(error, ResponseError) and str(error).startswith("MISCONF")):
        away = Unavailable(NOT_ANSWERING, retry_after=1)
        away.__cause__ = error
        return away
    return error
