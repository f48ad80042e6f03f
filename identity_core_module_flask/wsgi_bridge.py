"""Runs a WSGI application inside the event loop's process: in two threads, reached by a function call alone."""

from __future__ import annotations

import asyncio
import io
import sys
from collections.abc import Callable, Coroutine, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar, copy_context
from dataclasses import dataclass
from typing import Any

import msgspec

from flask_core.errors import Unavailable

SESSION = "waddlebot.session"
_PATIENCE = 15.0

type Environ = dict[str, Any]
type WsgiApp = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]

_loop: ContextVar[asyncio.AbstractEventLoop] = ContextVar("loop of the bridge")


@dataclass(frozen=True, slots=True)
class Answer:
    """What the application answered, and its session afterwards."""

    status: int
    body: dict[str, Any]
    session: dict[str, Any]


class WsgiBridge:
    """The application believes to be reached as `host`.

    `threads` requests at once, `most_waiting` behind them; more are refused as Unavailable.

    The bound is what keeps many wrong passwords from taking the processor away from everybody else.
    """

    def __init__(self, app: WsgiApp, *, host: str = "localhost", threads: int = 2, most_waiting: int = 32) -> None:
        self._app = app
        self._host = host
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="sign-in")
        self._most = threads + most_waiting
        self._open = 0

    async def post(self, path: str, form: dict[str, Any], session: dict[str, Any] | None = None) -> Answer:
        """POST `form` as JSON to `path`, with `session` as what the application remembers of the caller."""
        environ = _environ(self._host, path, msgspec.json.encode(form), dict(session or {}))
        return await self.run(lambda: _call(self._app, environ))

    async def run[R](self, work: Callable[[], R]) -> R:
        """`work` in one of the threads, from which `wait_for` leads back into the loop."""
        if self._open >= self._most:
            raise Unavailable("Too many people sign in right now. Try again in a moment.", retry_after=2)
        context = copy_context()
        context.run(_loop.set, asyncio.get_running_loop())
        self._open += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, context.run, work)
        finally:
            self._open -= 1

    async def close(self) -> None:
        """Let the threads end with what they do now."""
        self._pool.shutdown(wait=False, cancel_futures=True)


def wait_for[R](work: Coroutine[Any, Any, R]) -> R:
    """In a thread of the bridge: the result of a coroutine of the loop."""
    return asyncio.run_coroutine_threadsafe(work, _loop.get()).result(_PATIENCE)


def _environ(host: str, path: str, body: bytes, session: dict[str, Any]) -> Environ:
    return {
        "REQUEST_METHOD": "POST",
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "SERVER_NAME": host,
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(body)),
        "HTTP_ACCEPT": "application/json",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        SESSION: session,
    }


def _call(app: WsgiApp, environ: Environ) -> Answer:
    statuses: list[int] = []

    def start_response(status: str, _headers: list[tuple[str, str]], _failure: object = None) -> None:
        statuses.append(int(status[:3]))

    chunks = app(environ, start_response)
    try:
        body = b"".join(chunks)
    finally:
        getattr(chunks, "close", lambda: None)()
    return Answer(statuses[-1], _fields(body), environ[SESSION])


def _fields(body: bytes) -> dict[str, Any]:
    """The JSON object of an answer; pages and texts, which only failures are, count as empty."""
    try:
        said = msgspec.json.decode(body)
    except msgspec.DecodeError:
        return {}
    return said if isinstance(said, dict) else {}
