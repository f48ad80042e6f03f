"""Worker processes for scripts: a few at once, a short queue, none that outlives its second."""

from __future__ import annotations

import asyncio
import hashlib
import importlib.util
import logging
import secrets
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path
from typing import Self

import msgspec

from flask_core.errors import InvalidInput, NotReady, ServiceError, TooLarge, Unavailable

log = logging.getLogger(__name__)

QUEUE = 20
LONGEST_RESULT = 500
LONGEST_REASON = 100
LONGEST_CODE = 1024 * 1024
KILLED_AFTER = 1.5
STARTED_WITHIN = 10.0
PATIENCE = 6.0
_MOST_ANSWERED = 16 * 1024
_answer = msgspec.json.Decoder(tuple[str, str])
_PROGRAM = Path(__file__).with_name("worker.py")
_SWITCHED_OFF = "Scripts are switched off on this server (ALIAS_EVAL_WORKERS is 0)."
_NOT_INSTALLED = "Scripts cannot run on this server: QuickJS is not installed."
_SAID = {
    "time": ("This script takes longer than a second.", "took too long"),
    "memory": ("This script needs too much memory.", "too much memory"),
    "promise": ("This script answers with a promise; nobody waits for it here.", "a promise has no value here"),
}


class Scripts:
    """Runs `$(eval …)`. Workers start at first use and are replaced when they are killed; none before `run`.

    `refusal` is the sentence that says why scripts cannot run here, "" when they can: commands with scripts are
    not saved then. Errors carry `details["reason"]`, fit for `[eval: …]`.
    """

    def __init__(self, workers: int, *, queue: int = QUEUE, patience: float = PATIENCE) -> None:
        self._engine = _engine_folder()
        self.refusal = _SWITCHED_OFF if workers <= 0 else _NOT_INSTALLED if self._engine is None else ""
        self._seats = asyncio.Semaphore(max(workers, 0))
        self._queue = queue
        self._patience = patience
        self._waiting = 0
        self._idle: list[_Worker] = []
        self._all: set[_Worker] = set()

    async def run(self, code: str, *, seed: str = "") -> str:
        """The value of the last expression, at most 500 characters; `seed` decides what Math.random draws.

        Raises NotReady (no scripts here), Unavailable (busy), TooLarge, and InvalidInput for what the script did.
        """
        if self.refusal:
            raise NotReady(self.refusal, reason="not available on this server")
        asked = msgspec.json.encode([code.encode("utf-8", "replace").decode(), _seeds(seed)])
        if len(code) > LONGEST_CODE:
            raise TooLarge("This script is too long.", reason="too long")
        await self._take_seat()
        try:
            return await self._answered(asked)
        finally:
            self._seats.release()

    async def close(self) -> None:
        """End all workers; a later script starts new ones."""
        self._idle.clear()
        ended = list(self._all)
        for worker in ended:
            worker.kill()
        await asyncio.gather(*(worker.gone() for worker in ended))
        self._all.clear()

    async def _take_seat(self) -> None:
        if self._waiting >= self._queue and self._seats.locked():
            raise _busy()
        self._waiting += 1
        try:
            async with asyncio.timeout(self._patience):
                await self._seats.acquire()
        except TimeoutError:
            raise _busy() from None
        finally:
            self._waiting -= 1

    async def _answered(self, asked: bytes) -> str:
        try:
            kind, text = await self._asked(asked)
        except _Died:
            # It may have been dead already. Whoever killed it with this script kills the next one as well.
            kind, text = await self._asked(asked)
        if kind == "value":
            return text[:LONGEST_RESULT]
        raise _failure(kind, text)

    async def _asked(self, asked: bytes) -> tuple[str, str]:
        worker = await self._worker()
        try:
            answered = await worker.ask(asked)
        except BaseException:
            worker.kill()
            raise
        self._idle.append(worker)
        return answered

    async def _worker(self) -> _Worker:
        self._all = {worker for worker in self._all if worker.alive}
        while self._idle:
            if (worker := self._idle.pop()).alive:
                return worker
        worker = await _Worker.start(self._engine or "")
        self._all.add(worker)
        return worker


class _Died(InvalidInput):
    """A worker ended, or said what none in its right mind says."""


class _Worker:
    """One process; it is never asked again after it failed to answer in time."""

    def __init__(self, process: Process) -> None:
        self._process = process

    @classmethod
    async def start(cls, engine: str) -> Self:
        """A worker that has locked itself in. Raises Unavailable when it does not come up."""
        command = (sys.executable, "-I", "-S", "-B", str(_PROGRAM), engine)
        # Away from our terminal, environment and files: Ctrl-C is for us, secrets are not for them.
        process = await asyncio.create_subprocess_exec(
            *command, stdin=PIPE, stdout=PIPE, stderr=PIPE, env={"TZ": "UTC0"}, cwd="/", start_new_session=True
        )
        worker = cls(process)
        try:
            async with asyncio.timeout(STARTED_WITHIN):
                kind, how = await worker._read()
        except BaseException as error:
            worker.kill()
            if isinstance(error, TimeoutError | EOFError | ValueError | OSError):
                log.error("a worker for scripts does not start", extra={"reason": await worker.last_words()})
                raise Unavailable("Scripts do not run right now.", retry_after=60, reason="out of order") from None
            raise
        if (kind, how) == ("ready", "limited"):
            log.warning("scripts run without a filter for system calls, which this system does not offer")
        return worker

    @property
    def alive(self) -> bool:
        return self._process.returncode is None

    async def ask(self, asked: bytes) -> tuple[str, str]:
        """What the script came to. Raises InvalidInput when it takes too long, _Died."""
        began = asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout(KILLED_AFTER):
                assert self._process.stdin is not None
                self._process.stdin.write(len(asked).to_bytes(4, "big") + asked)
                await self._process.stdin.drain()
                return await self._read()
        except TimeoutError:
            raise _failure("time", "") from None
        except (EOFError, ValueError, OSError):
            # The kernel ends a worker a little before we would.
            if asyncio.get_running_loop().time() - began > 1:
                raise _failure("time", "") from None
            log.warning("a worker for scripts died")
            raise _Died("This script broke down.", reason="broke down") from None

    def kill(self) -> None:
        if self.alive:
            self._process.kill()

    async def gone(self) -> None:
        await self._process.wait()

    async def last_words(self) -> str:
        """The last line that it wrote about its trouble, after its end."""
        assert self._process.stderr is not None
        said = (await self._process.stderr.read()).decode("utf-8", "replace").split("\n")
        return next((line for line in reversed(said) if line.strip()), "")

    async def _read(self) -> tuple[str, str]:
        """One message; ValueError for anything that a worker in its right mind does not say."""
        assert self._process.stdout is not None
        length = int.from_bytes(await self._process.stdout.readexactly(4), "big")
        if length > _MOST_ANSWERED:
            raise ValueError("too long")
        return _answer.decode(await self._process.stdout.readexactly(length))


def _engine_folder() -> str | None:
    """Where QuickJS lies; it is never loaded into this process."""
    found = importlib.util.find_spec("_quickjs")
    return str(Path(found.origin).parent) if found is not None and found.origin else None


def _seeds(seed: str) -> list[int]:
    drawn = hashlib.sha256(seed.encode("utf-8", "replace")).digest() if seed else secrets.token_bytes(16)
    return [int.from_bytes(drawn[at : at + 4], "big", signed=True) for at in range(0, 16, 4)]


def _busy() -> Unavailable:
    return Unavailable("Too many scripts are running. Try again in a moment.", retry_after=2, reason="busy")


def _failure(kind: str, text: str) -> ServiceError:
    sentence, reason = _SAID.get(kind, ("This script has a mistake.", text))
    return InvalidInput(sentence, reason=" ".join(reason.split())[:LONGEST_REASON] or "Error")
