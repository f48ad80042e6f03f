"""A TCP way to somebody on loopback that can be pulled out, and put back in."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

_CHUNK, _BACKLOG = 65_536, 100
_FILLERS = 4
_RESET = struct.pack("ii", 1, 0)


class Cable:
    """Whoever connects to `port` talks to the far side.

    `cut` is a network that is gone and says so: connections are reset, new ones refused. `hang` is one that says
    nothing: what is written stays on its way, whoever connects hears nothing; once the cable is back it all goes on.
    """

    def __init__(self) -> None:
        self._listening = _bound(0)
        self.port: int = self._listening.getsockname()[1]
        self._there = 0
        self._through = asyncio.Event()
        self._talks: set[asyncio.Task[None]] = set()
        self._writers: set[asyncio.StreamWriter] = set()
        self._accepting: asyncio.Task[None] | None = None
        self._fillers: list[socket.socket] = []

    @asynccontextmanager
    async def to(self, port: int) -> AsyncIterator[str]:
        """Plugged in: the address to connect to."""
        self._there = port
        self.back()
        try:
            yield f"http://127.0.0.1:{self.port}"
        finally:
            await self.cut()
            self._listening.close()

    def back(self) -> None:
        """Everything goes through."""
        self._listening.listen(_BACKLOG)
        self._fill_no_more()
        self._through.set()
        self._accepting = asyncio.create_task(self._accept(), name="cable")

    async def cut(self) -> None:
        """Connections are reset, and new ones refused."""
        await self._accept_no_more()
        self._fill_no_more()
        self._listening.close()
        for writer in self._writers:
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            writer.transport.abort()
        for talk in self._talks:
            talk.cancel()
        await asyncio.gather(*self._talks, return_exceptions=True)
        # Bound and not listening: nobody else gets the port, and whoever knocks is refused.
        self._listening = _bound(self.port)

    async def hang(self) -> None:
        """Nothing is forwarded, and whoever connects gets no answer."""
        self._through.clear()
        await self._accept_no_more()
        # A queue that is full lets the kernel leave all further greetings unanswered.
        self._listening.listen(0)
        for _ in range(_FILLERS):
            filler = socket.socket()
            filler.setblocking(False)
            with suppress(BlockingIOError):
                filler.connect(("127.0.0.1", self.port))
            self._fillers.append(filler)

    def _fill_no_more(self) -> None:
        for filler in self._fillers:
            filler.close()
        self._fillers.clear()

    async def _accept_no_more(self) -> None:
        if self._accepting is not None:
            self._accepting.cancel()
            await asyncio.gather(self._accepting, return_exceptions=True)

    async def _accept(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            near, _ = await loop.sock_accept(self._listening)
            talk = asyncio.create_task(self._talk(near))
            self._talks.add(talk)
            talk.add_done_callback(self._talks.discard)

    async def _talk(self, near: socket.socket) -> None:
        here = await asyncio.open_connection(sock=near)
        with suppress(OSError):
            there = await asyncio.open_connection("127.0.0.1", self._there)
            writers = {here[1], there[1]}
            self._writers |= writers
            try:
                await asyncio.gather(self._pour(here[0], there[1]), self._pour(there[0], here[1]))
            finally:
                self._writers -= writers
        here[1].close()

    async def _pour(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Until one side ends, which ends the other; what comes while the cable hangs waits."""
        try:
            with suppress(OSError):
                while chunk := await reader.read(_CHUNK):
                    await self._through.wait()
                    writer.write(chunk)
                    await writer.drain()
            await self._through.wait()
        finally:
            writer.close()


def _bound(port: int) -> socket.socket:
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.bind(("127.0.0.1", port))
    made.setblocking(False)
    return made
