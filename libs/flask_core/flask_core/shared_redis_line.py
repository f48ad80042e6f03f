"""The way of commands to Redis: what is asked in the same moment travels together."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections import deque
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any

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
from flask_core.redis_wire import RedisWire

log = logging.getLogger(__name__)

_AWAY = (
    RedisGone, RedisSilent, ReadOnlyError, OutOfMemoryError, MasterDownError, TryAgainError, OSError, TimeoutError,
)  # fmt: skip
# What a Redis answers that is there and cannot work now, where redis-py has no error of its own.
_AWAY_WORDS = ("MISCONF", "NOREPLICAS", "BUSY ")
_MOST_AT_ONCE = 500

type _Question = tuple[Sequence[tuple[Any, ...]], asyncio.Future[list[Any]]]


class Script:
    """A Lua script and the digest that Redis knows it by."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.digest = hashlib.sha1(source.encode(), usedforsecurity=False).hexdigest()

    def call(self, keys: Sequence[bytes], *arguments: bytes | float) -> tuple[Any, ...]:
        """The command that runs it by digest."""
        return ("EVALSHA", self.digest, len(keys), *keys, *arguments)


class RedisLine:
    """Sends commands in batches, one batch at a time; `name` is who answers, in sentences for people.

    Nothing is sent twice: a claim that Redis took and whose answer was lost would look like somebody
    else's the second time.
    """

    def __init__(
        self, wire: RedisWire, scripts: Sequence[Script], *, answer_seconds: float, name: str = "Shared state"
    ) -> None:
        self._wire = wire
        self._answer_seconds = answer_seconds
        self._name = name
        self._sources = {script.digest: script.source for script in scripts}
        self._waiting: deque[_Question] = deque()
        self._sender: asyncio.Task[None] | None = None
        self._away = False

    async def ask(self, *command: Any) -> Any:
        """The answer to one command; Unavailable when none comes in time."""
        (answer,) = await self.ask_all([command])
        return answer

    async def ask_all(self, commands: Sequence[tuple[Any, ...]]) -> list[Any]:
        """The answers to commands that travel together; raises the first that Redis refused."""
        answers: asyncio.Future[list[Any]] = asyncio.get_running_loop().create_future()
        self._waiting.append((commands, answers))
        if self._sender is None or self._sender.done():
            self._sender = asyncio.create_task(self._send_waiting(), name="commands to Redis")
        try:
            async with asyncio.timeout(self._answer_seconds):
                return await answers
        except TimeoutError:
            raise self._unavailable() from None

    async def close(self) -> None:
        """Refuse what still waits and disconnect."""
        if self._sender is not None:
            self._sender.cancel()
            await asyncio.wait([self._sender])
        self._refuse(self._waiting, RedisGone("closed"))
        await self._wire.close()

    async def _send_waiting(self) -> None:
        while self._waiting:
            batch = self._next_batch()
            try:
                async with asyncio.timeout(self._answer_seconds):
                    answers = await self._exchange([command for commands, _ in batch for command in commands])
            except (RedisError, OSError, TimeoutError) as error:
                self._note(error)
                self._refuse(batch, error)
            except asyncio.CancelledError:
                self._refuse(batch, RedisGone("closed"))
                raise
            else:
                self._note(None)
                self._hand_out(batch, answers)

    def _next_batch(self) -> list[_Question]:
        """What is still wanted: nobody hears the answer to a question that was given up."""
        batch: list[_Question] = []
        count = 0
        while self._waiting and count < _MOST_AT_ONCE:
            question = self._waiting.popleft()
            if not question[1].done():
                batch.append(question)
                count += len(question[0])
        return batch

    async def _exchange(self, commands: list[tuple[Any, ...]]) -> list[Any]:
        if not commands:
            return []
        answers = await self._wire.exchange(commands)
        unknown = [index for index, answer in enumerate(answers) if isinstance(answer, NoScriptError)]
        if unknown:
            again = [self._with_source(commands[index]) for index in unknown]
            for index, answer in zip(unknown, await self._wire.exchange(again), strict=True):
                answers[index] = answer
        return answers

    def _with_source(self, command: tuple[Any, ...]) -> tuple[Any, ...]:
        return ("EVAL", self._sources[command[1]], *command[2:])

    def _note(self, error: BaseException | None) -> None:
        if error is not None and not self._away:
            log.error("%s is away: %s", self._name.lower(), type(error).__name__)
        elif error is None and self._away:
            log.warning("%s is back", self._name.lower())
        self._away = error is not None

    def _refuse(self, questions: Iterable[_Question], error: BaseException) -> None:
        for _, waiting in questions:
            if not waiting.done():
                waiting.set_exception(self._translated(error))

    def _hand_out(self, questions: Iterable[_Question], answers: Sequence[Any]) -> None:
        taken = iter(answers)
        for commands, waiting in questions:
            own = list(islice(taken, len(commands)))
            if waiting.done():
                continue
            refused = next((answer for answer in own if isinstance(answer, BaseException)), None)
            if refused is None:
                waiting.set_result(own)
            else:
                waiting.set_exception(self._translated(refused))

    def _translated(self, error: BaseException) -> BaseException:
        if isinstance(error, _AWAY) or (isinstance(error, ResponseError) and str(error).startswith(_AWAY_WORDS)):
            away = self._unavailable()
            away.__cause__ = error
            return away
        return error

    def _unavailable(self) -> Unavailable:
        return Unavailable(f"{self._name} is not answering right now.", retry_after=1)
