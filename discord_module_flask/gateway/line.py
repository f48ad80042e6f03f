"""One shard's connection: opened, resumed and read by Discord's library, kept up by us."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable
from typing import Any, Protocol

import aiohttp
import discord
import yarl
from discord.gateway import DiscordWebSocket, ReconnectWebSocket

from discord_module_flask.gateway.intake import Intake
from discord_module_flask.gateway.intents import Intents
from discord_module_flask.gateway.sessions import Session, SessionRepository
from discord_module_flask.rest import Rest
from flask_core.auth import utc_now
from flask_core.errors import ServiceError, TooMany, Unauthenticated
from flask_core.shared_state import SharedState

log = logging.getLogger(__name__)

INTENTS_REFUSED = 4014
ENDS = {
    4004: "Discord does not know this bot token.",
    4010: "Discord does not know this shard.",
    4011: "Discord wants more shards: raise DISCORD_SHARDS.",
    4012: "Discord does not speak this version of the gateway any more.",
    4013: "Discord does not know these intents.",
}
"""Why a shard stays closed, by Discord's close code."""
_FRESH = frozenset({4007, 4009})
_KEPT = 4000
_OPEN_SECONDS, _STORE_SECONDS, _LONGEST_PAUSE = 30.0, 5.0, 60.0
IDENTIFIES, IDENTIFY_SECONDS = 950, 86_400.0
_TURN_SECONDS = 5.0


class Memory(Protocol):
    """What was learned of guilds, which a session that is taken up does not tell again."""

    async def restore(self, number: int, shards: int) -> None:
        """Know again what a shard had learned."""

    async def keep(self) -> None:
        """Write down what is new."""

    async def let_go(self, number: int, shards: int) -> None:
        """The shard is somebody else's."""


class Line:
    """`run` holds it until it is cancelled; `trouble` is a sentence while it is not up."""

    def __init__(
        self,
        number: int,
        shards: int,
        rest: Rest,
        intake: Intake,
        intents: Intents,
        sessions: SessionRepository,
        shared: SharedState,
        memory: Memory,
        *,
        pause: float = 1.0,
    ) -> None:
        self.number = number
        self.shards = shards
        self.up = False
        self.trouble = "It is being opened."
        self._rest = rest
        self._intake = intake
        self._intents = intents
        self._sessions = sessions
        self._shared = shared
        self._memory = memory
        self._first_pause = pause
        self._socket: DiscordWebSocket | None = None
        self._session: Session | None = None
        self._restored = False

    @property
    def latency(self) -> float | None:
        """Seconds between a heartbeat and its answer; None before the first."""
        latency = self._socket.latency if self._socket else float("inf")
        return latency if latency < 1_000 else None

    async def run(self) -> None:
        """Until it is cancelled, or Discord says that there is no use."""
        pause, reading = self._first_pause, asyncio.create_task(self._read_and_store())
        try:
            while True:
                try:
                    await self._connected()
                except ReconnectWebSocket as again:
                    pause = self._first_pause if self.up else pause
                    await self._lost(resumes=again.resume)
                except discord.ConnectionClosed as closed:
                    if not await self._goes_on(closed.code or 0):
                        return
                except Unauthenticated as refused:
                    self._stays_closed(refused.message)
                    return
                except (OSError, TimeoutError, aiohttp.ClientError, discord.DiscordException, ServiceError) as away:
                    await self._lost(resumes=True)
                    self._down(getattr(away, "message", "Discord cannot be reached."))
                    retry = away.retry_after if isinstance(away, TooMany) and away.retry_after else 0.0
                    await asyncio.sleep(max(retry, pause * random.uniform(0.75, 1.25)))
                    pause = min(pause * 2, _LONGEST_PAUSE)
        finally:
            self.up = False
            await self._end(reading)

    async def _connected(self) -> None:
        if not self._restored:
            await self._memory.restore(self.number, self.shards)
            self._session = await self._sessions.read(self.number, self.shards)
            self._intake.begins_behind(self._session.sequence if self._session else 0)
            self._restored = True
        async with asyncio.timeout(_OPEN_SECONDS + _TURN_SECONDS):
            self._socket = await self._opened()
        while True:
            await self._socket.poll_event()
            await self._intake.room()

    async def _opened(self) -> DiscordWebSocket:
        http = await self._rest.http()
        client = discord.Client(
            intents=self._intents.wanted(), shard_id=self.number, shard_count=self.shards, max_messages=None,
            chunk_guilds_at_startup=False, member_cache_flags=discord.MemberCacheFlags.none(),
        )  # fmt: skip
        await client._async_setup_hook()
        client.http = client._connection.http = http
        client._connection.parsers = Parsers(self._heard)
        found: dict[str, Any] = {}
        if self._session is not None:
            found = {
                "gateway": yarl.URL(self._session.resume_url), "session": self._session.id,
                "sequence": self._session.sequence, "resume": True,
            }  # fmt: skip
        else:
            _, url, _ = await http.get_bot_gateway()
            found = {"gateway": yarl.URL(url), "initial": True}
            await self._may_identify()
        return await DiscordWebSocket.from_client(client, shard_id=self.number, **found)

    async def _may_identify(self) -> None:
        """A turn of the installation's: one every five seconds, and so many a day."""
        if wait := await self._shared.spend("discord:identify", capacity=IDENTIFIES, per_seconds=IDENTIFY_SECONDS):
            raise TooMany("Discord lets the bot begin no more sessions today.", retry_after=wait)
        if wait := await self._shared.cooldown([("discord:identify:turn", _TURN_SECONDS)]):
            raise TooMany("Another shard begins its session just now.", retry_after=wait)

    def _heard(self, kind: str, said: dict[str, Any]) -> None:
        assert self._socket is not None, "nothing is dispatched before it is identified"
        if kind == "READY":
            self._session = Session(said["session_id"], 0, said["resume_gateway_url"])
            self._intake.begins_behind(0)
        if kind in {"READY", "RESUMED"}:
            self.up, self.trouble = True, ""
        self._intake.hear((self._socket.sequence or 0, kind, said))

    async def _goes_on(self, code: int) -> bool:
        if code == INTENTS_REFUSED:
            if self._intents.refuse():
                await self._lost(resumes=False)
                # The refused attempt used this turn up.
                return True
            self._stays_closed("Discord refuses every intent.")
            return False
        if code in ENDS:
            self._stays_closed(ENDS[code])
            return False
        await self._lost(resumes=code not in _FRESH)
        return True

    async def _lost(self, *, resumes: bool) -> None:
        self._down("Discord closed the connection; it is being opened again.")
        await self._intake.finished()
        if not resumes:
            self._session = None
            await self._sessions.forget(self.number)
        elif self._session is not None:
            self._session = Session(self._session.id, self._intake.sequence, self._session.resume_url)

    def _down(self, trouble: str) -> None:
        self.up, self.trouble = False, trouble

    def _stays_closed(self, trouble: str) -> None:
        log.error("shard %d stays closed: %s", self.number, trouble)
        self._down(trouble)

    async def _read_and_store(self) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(self._intake.work())
            group.create_task(self._store_now_and_then())

    async def _store_now_and_then(self) -> None:
        while True:
            await asyncio.sleep(_STORE_SECONDS)
            try:
                await self.store()
            except ServiceError as error:
                log.warning("the session of shard %d is not kept: %s", self.number, error.code)

    async def store(self) -> None:
        """Keep how far everything heard is safe."""
        if self._session is None or not self._intake.sequence:
            return
        sequence = self._intake.sequence
        # What was learned first: a change that is heard twice changes nothing.
        await self._memory.keep()
        kept = Session(self._session.id, sequence, self._session.resume_url)
        await self._sessions.keep(self.number, self.shards, kept, utc_now())

    async def _end(self, reading: asyncio.Task[None]) -> None:
        """Close in a way that keeps the session, and keep what was heard."""
        if self._socket is not None:
            await self._socket.close(code=_KEPT)
        try:
            async with asyncio.timeout(_STORE_SECONDS):
                await self._intake.finished()
        except TimeoutError:
            log.warning("shard %d ends with events that Discord has to say again", self.number)
        reading.cancel()
        await asyncio.wait([reading])
        await self.store()
        await self._memory.let_go(self.number, self.shards)


class Parsers(dict[str, Callable[[dict[str, Any]], None]]):
    """In the place of the library's: it keeps no state of ours, and every kind is heard."""

    def __init__(self, heard: Callable[[str, dict[str, Any]], None]) -> None:
        super().__init__()
        self._heard = heard

    def __missing__(self, kind: str) -> Callable[[dict[str, Any]], None]:
        return lambda said: self._heard(kind, said)
