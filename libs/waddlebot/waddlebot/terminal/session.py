"""`waddlebot chat`: from the keyboard, or one line after the other without anybody at it."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

from flask_core import __version__
from flask_core.app_factory import ModuleInfo
from flask_core.contracts.portal import Line
from flask_core.errors import ServiceError, Unavailable
from flask_core.runtime import Runtime
from flask_core.service_client import ServiceClient
from flask_core.service_http import ServiceTransport
from waddlebot.terminal.access import Access, NoAccess, access
from waddlebot.terminal.orders import Leaving, is_order, obey
from waddlebot.terminal.screen import Screen
from waddlebot.terminal.talk import Heard, Talk, open_room
from waddlebot.terminal.wording import as_json, greeting, plain, prompt, wrapped

ANSWERED, REFUSED, UNREACHABLE = 0, 1, 2
NO_ANSWER = "The bot is not done with that yet. /why tells how far it is."


@asynccontextmanager
async def talking(way: Access, tell: Callable[[Line], None]) -> AsyncIterator[Talk]:
    """A conversation over HTTP. Raises NoAccess when nobody is there or we are not let in."""
    transport = ServiceTransport()
    client = ServiceClient(way.issue, Runtime(), transport, {"portal": way.url})
    try:
        try:
            talk = Talk(client, *await open_room(client), tell)
        except Unavailable as error:
            raise NoAccess(f"Nobody answers at {way.url}. {way.remedy}") from error
        except ServiceError as error:
            raise NoAccess(f"{way.url} says: {plain(error.message)}") from error
        async with talk.going_on():
            yield talk
    finally:
        await transport.close()


async def scripted(way: Access, lines: Iterable[str], say: Callable[[str], None], *, json: bool = False) -> int:
    """Say the lines one after the other, printing the bot's words; 1 when it refused one of them."""
    worst = ANSWERED
    async with talking(way, lambda _: None) as talk:
        for line in (line.strip() for line in lines):
            try:
                if is_order(line):
                    said, code = await obey(talk, line), ANSWERED
                elif line:
                    heard = await talk.say(line.replace("//", "/", 1) if line.startswith("//") else line)
                    said, code = _words(heard, line, json=json), ANSWERED if heard.answered else REFUSED
                else:
                    continue
            except Leaving:
                break
            except ServiceError as error:
                said, code = [plain(error.message)], UNREACHABLE if isinstance(error, Unavailable) else REFUSED
            for words in said:
                say(words)
            worst = max(worst, code)
    return worst


def _words(heard: Heard, line: str, *, json: bool) -> list[str]:
    if json:
        return [as_json(heard, line)]
    return [plain(reply.text) for reply in heard.replies] if heard.trace else [NO_ANSWER]


def interactive(way: Access, screen: Screen) -> int:
    """Talk until somebody leaves."""
    with _elsewhere() as do:
        stack = AsyncExitStack()
        talk = do(stack.enter_async_context(talking(way, lambda line: screen.show(wrapped(line, screen.width)))))
        screen.show(greeting(talk.room, __version__))
        try:
            while True:
                _one_line(screen.ask(prompt(talk.speaker)).strip(), talk, screen, do)
        except (EOFError, KeyboardInterrupt, Leaving):
            screen.show("")
            return ANSWERED
        finally:
            do(stack.aclose())


def _one_line(line: str, talk: Talk, screen: Screen, do: Callable[[Coroutine[Any, Any, Any]], Any]) -> None:
    try:
        if is_order(line):
            for said in do(obey(talk, line)):
                screen.show(said)
        elif line:
            heard: Heard = do(talk.say(line.replace("//", "/", 1) if line.startswith("//") else line))
            if heard.trace is None:
                screen.show(NO_ANSWER)
    except ServiceError as error:
        screen.show(plain(error.message))


@contextmanager
def _elsewhere() -> Iterator[Callable[[Coroutine[Any, Any, Any]], Any]]:
    """An event loop in another thread, because input() keeps this one; the yielded function waits for its answer."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="conversation", daemon=True)
    thread.start()

    def do(work: Coroutine[Any, Any, Any]) -> Any:
        answer = asyncio.run_coroutine_threadsafe(work, loop)
        try:
            return answer.result()
        except KeyboardInterrupt:
            answer.cancel()
            raise

    try:
        yield do
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(timeout=5)
        loop.close()


def chat(
    portal: ModuleInfo, data: Path, url: str, values: Mapping[str, str], *, once: str = "", json: bool = False
) -> int:
    """0 when the bot answered, 1 when it refused, 2 when there is nobody to talk to."""
    try:
        way = access(portal, data, url, values)
        if once or json or not sys.stdin.isatty():
            return asyncio.run(scripted(way, [once] if once else sys.stdin, print, json=json))
        return interactive(way, Screen())
    except NoAccess as error:
        print(error, file=sys.stderr)
        return UNREACHABLE
