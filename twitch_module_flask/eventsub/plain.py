"""Plain WebSockets with people's own tokens, for an application without a secret: one per account, three at most."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Sequence
from itertools import batched

from flask_core.contracts.claims import Report, Resource
from flask_core.contracts.twitch import AccountState
from flask_core.errors import ServiceError, Unauthenticated, Unavailable
from twitch_module_flask.account_repository import AccountRepository
from twitch_module_flask.config import Way
from twitch_module_flask.eventsub.api import EventSubApi
from twitch_module_flask.eventsub.connection import WELCOME_SECONDS, Door
from twitch_module_flask.eventsub.line import Line
from twitch_module_flask.eventsub.models import Full, Key, Told, Wanted
from twitch_module_flask.eventsub.wanted import OF_THE_BOT
from twitch_module_flask.eventsub.ways import Place
from twitch_module_flask.models import Notification

log = logging.getLogger(__name__)

KIND = "twitch:socket"
MOST_SOCKETS, MOST_PER_SOCKET = 3, 300
_AT_ONCE = 10
_PER_CHANNEL = sum(1 for _ in OF_THE_BOT) - 1
"""What the bot's sockets carry per channel; warnings are asked for in few."""


class _Socket:
    """A line of one account with what it carries."""

    def __init__(
        self, ask: Callable[[Wanted, Place], Awaitable[None]], account: str, door: Door,
        heard: Callable[[Notification], Awaitable[None]],
    ) -> None:  # fmt: skip
        self._ask = ask
        self._account = account
        self._is_new = True
        self._asking: asyncio.Task[None] | None = None
        self.carries: dict[Key, Wanted] = {}
        self.line = Line(door, self._bind, heard)

    async def _bind(self, session_id: str) -> None:
        """Whoever opened it asks for the first time; what takes its place carries nothing, and gets all of it."""
        if self._is_new:
            self._is_new = False
            return
        place = Place({"method": "websocket", "session_id": session_id}, self._account)
        # Not waited for: one in time keeps the connection, and many take their time.
        self._asking = asyncio.create_task(self._ask_again(list(self.carries.values()), place))

    async def _ask_again(self, carried: list[Wanted], place: Place) -> None:
        for some in batched(carried, _AT_ONCE, strict=False):
            await asyncio.gather(*(self._ask(one, place) for one in some))

    async def stop(self) -> None:
        """Close it."""
        if self._asking is not None:
            self._asking.cancel()
        await self.line.stop()


class Plain:
    """One replica holds all the sockets: the claim decides which."""

    name: Way = "websocket"

    def __init__(
        self,
        api: EventSubApi,
        accounts: AccountRepository,
        door: Door,
        heard: Callable[[Notification], Awaitable[None]],
        begun: Callable[[], Awaitable[None]],
    ) -> None:
        self._api = api
        self._accounts = accounts
        self._door = door
        self._heard = heard
        self._begun = begun
        self._held = False
        self._sockets: dict[str, list[_Socket]] = {}
        self._broken: dict[str, str] = {}
        self._opening = asyncio.Lock()

    async def resources(self) -> Sequence[Resource]:
        """All sockets are one piece of work."""
        return [Resource(f"{KIND}:all")]

    async def begin(self, resource: str) -> None:
        """The sockets are ours."""
        self._held = True
        await self._begun()

    async def end(self, resource: str) -> None:
        """They are not ours any more."""
        self._held = False
        sockets = [socket for some in self._sockets.values() for socket in some]
        self._sockets.clear()
        await asyncio.gather(*(socket.stop() for socket in sockets))

    def report(self, resource: str) -> Report:
        """Whether anything is read."""
        return Report(resource, live=any(socket.line.session_id for some in self._sockets.values() for socket in some))

    async def ready(self) -> bool:
        """Only who holds the sockets asks for anything."""
        self._broken = {
            one.user_id: one.reason for one in await self._accounts.standings() if one.state is not AccountState.OK
        }
        return self._held

    async def told(self) -> list[Told]:
        """What comes over the sockets that are open."""
        found: list[Told] = []
        for account in [account for account in self._sockets if account not in self._broken]:
            try:
                found += await self._api.subscriptions(account)
            except ServiceError as error:
                log.warning("what an account is told is not known: %s", error.message)
        return found

    def current(self, told: Told) -> bool:
        """Whether it comes over a socket of ours that is open."""
        return told.transport.method == "websocket" and told.transport.session_id in self._sessions()

    def ours(self, told: Told) -> bool:
        """Another process of the same application may hold sockets, too: its own are left alone."""
        return self.current(told)

    def _sessions(self) -> set[str]:
        return {socket.line.session_id for some in self._sockets.values() for socket in some if socket.line.session_id}

    async def place(self, wanted: Wanted) -> Place:
        """A socket of the account with room for one more; opened when it is the first."""
        if wanted.by in self._broken:
            raise Unauthenticated(self._broken[wanted.by])
        async with self._opening:
            sockets = self._sockets.setdefault(wanted.by, [])
            room = next((one for one in sockets if len(one.carries) < MOST_PER_SOCKET), None)
            if room is None:
                if len(sockets) >= MOST_SOCKETS:
                    raise Full("Twitch lets this account hear no more channels.")
                room = _Socket(self._again, wanted.by, self._door, self._heard)
                sockets.append(room)
                room.line.start()
            room.carries[wanted.key] = wanted
            try:
                async with asyncio.timeout(WELCOME_SECONDS):
                    await room.line.up.wait()
            except TimeoutError:
                raise Unavailable("Twitch does not open a connection.", retry_after=5) from None
        return Place({"method": "websocket", "session_id": room.line.session_id}, wanted.by)

    async def _again(self, wanted: Wanted, place: Place) -> None:
        try:
            await self._api.subscribe(wanted, place.transport, place.by)
        except ServiceError as error:
            log.warning("%s is asked for in the next round: %s", wanted.type, error.message)

    async def drop(self, told: Told) -> None:
        """Be told no more."""
        by = next(
            account for account, some in self._sockets.items()
            if any(socket.line.session_id == told.transport.session_id for socket in some)
        )  # fmt: skip
        await self._api.unsubscribe(told.id, by)

    async def done(self, wanted: Collection[Wanted]) -> None:
        """Sockets that carry nothing any more are closed."""
        keys = {one.key for one in wanted}
        for account, some in list(self._sockets.items()):
            for socket in list(some):
                socket.carries = {key: one for key, one in socket.carries.items() if key in keys}
                if not socket.carries:
                    some.remove(socket)
                    await socket.stop()
            if not some:
                del self._sockets[account]

    def room(self, bot_id: str) -> int:
        """How many more channels the bot's sockets can take."""
        used = sum(len(socket.carries) for socket in self._sockets.get(bot_id, ()))
        return max(0, MOST_SOCKETS * MOST_PER_SOCKET - used) // _PER_CHANNEL
