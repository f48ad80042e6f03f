"""Who comes, who leaves, and how many minutes they were there, as events."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Callable, Iterable
from datetime import datetime

from discord_module_flask.places import Fields, Guild, Guilds
from discord_module_flask.voice.repository import VoiceRepository
from discord_module_flask.voice.sessions import VoiceSession
from flask_core.auth import utc_now
from flask_core.contracts.discord_guilds import GuildSettings
from flask_core.datamodels import Account, Event, MessageType
from flask_core.errors import ServiceError
from flask_core.handover import Handover

log = logging.getLogger(__name__)

SLICE_SECONDS = 300.0


class Minutes:
    """For the guilds of the shards that this process holds: a claim keeps each of them single."""

    def __init__(
        self,
        repository: VoiceRepository,
        guilds: Guilds,
        handover: Handover,
        key: Callable[[str], str],
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._repository = repository
        self._guilds = guilds
        self._handover = handover
        self._key = key
        self._now = now
        self._sessions: dict[tuple[str, str], VoiceSession] = {}
        self._telling = asyncio.Lock()

    async def restore(self) -> None:
        """Go on with the sessions of guilds that are known again; what was being told is told again."""
        for session in await self._repository.open():
            if session.guild_id in self._guilds.known:
                self._sessions.setdefault((session.guild_id, session.account.user_id), session)

    async def found(self, guild: Guild) -> list[Event]:
        """A guild came with who is in voice now: who is still there goes on, who is not has left."""
        await self.restore()
        events: list[Event] = []
        for session in self._in(guild.id):
            if session.account.user_id not in guild.voices:
                events += await self._leaves(session)
        for user_id, voice in guild.voices.items():
            if (guild.id, user_id) not in self._sessions and not voice.bot and self._chosen(guild.id).voice:
                events += await self._comes(guild, Account(user_id), voice.channel)
        return events

    async def changed(self, said: Fields) -> list[Event]:
        """Somebody came, moved, left, or was deafened; the time until now counts as it was before."""
        guild, user_id = self._guilds.known.get(said.get("guild_id") or ""), str(said["user_id"])
        if guild is None:
            return []
        for one in self._in(guild.id):
            self._advance(one, guild)
        guild.speaks(said)
        self._guilds.changed.add(guild.id)
        session = self._sessions.get((guild.id, user_id))
        channel, member = said.get("channel_id"), said.get("member") or {}
        if session is not None and not channel:
            return await self._leaves(session)
        if session is None and channel and self._chosen(guild.id).voice and not (member.get("user") or {}).get("bot"):
            user = member.get("user") or {"id": user_id}
            return await self._comes(guild, self._guilds.account(guild.id, user, member), channel)
        if session is not None and channel:
            session.channel_id = channel
        return []

    def _chosen(self, guild_id: str) -> GuildSettings:
        return self._guilds.setup_of(guild_id).settings

    def _advance(self, session: VoiceSession, guild: Guild) -> None:
        """Time goes by; where voice was switched off it does not count."""
        chosen = self._chosen(guild.id)
        session.advance(guild, self._now(), chosen.voice_excluded if chosen.voice else guild.voice_channels)

    def _in(self, guild_id: str) -> list[VoiceSession]:
        return [session for (guild, _), session in self._sessions.items() if guild == guild_id]

    async def _comes(self, guild: Guild, account: Account, channel_id: str) -> list[Event]:
        session = VoiceSession(uuid.uuid4().hex, guild.id, account, channel_id, self._now())
        await self._repository.keep([session])
        self._sessions[guild.id, account.user_id] = session
        return [self._event(session, MessageType.VOICE_JOIN, "join")]

    async def _leaves(self, session: VoiceSession) -> list[Event]:
        async with self._telling:
            await self._tell([session], self._now())
            self._sessions.pop((session.guild_id, session.account.user_id), None)
        return [self._event(session, MessageType.VOICE_LEAVE, "leave")]

    async def run(self) -> None:
        """For ever, every five minutes."""
        while True:
            await asyncio.sleep(SLICE_SECONDS)
            try:
                await self.slice()
            except ServiceError as error:
                log.warning("minutes in voice wait: %s", error.code)

    async def slice(self) -> None:
        """Count everybody's time up to now, and tell whole minutes."""
        async with self._telling:
            for session in self._sessions.values():
                if guild := self._guilds.known.get(session.guild_id):
                    self._advance(session, guild)
            await self._tell(list(self._sessions.values()))

    async def _tell(self, sessions: Iterable[VoiceSession], left_at: datetime | None = None) -> None:
        """What is to be told is written down before it is told: the same slice never has another number of minutes."""
        some = list(sessions)
        told = [session for session in some if session.cut()]
        await self._repository.keep(some, None if told else left_at)
        await asyncio.gather(*(self._handover.take(self._minutes(session)) for session in told))
        day = self._now().date().isoformat()
        days = [(session.guild_id, session.account.user_id, day, session.pending) for session in told]
        for session in told:
            session.told()
        if told:
            await self._repository.keep(some, left_at, days)

    def _minutes(self, session: VoiceSession) -> Event:
        return self._event(session, MessageType.VOICE_TIME, str(session.slice), session.pending)

    def _event(self, session: VoiceSession, kind: MessageType, ending: str, amount: int | None = None) -> Event:
        return Event(
            f"discord:voice:{session.id}:{ending}", kind, self._key(session.guild_id), self._now(), session.account,
            amount=amount, data={"channel_id": session.channel_id},
        )  # fmt: skip

    async def release(self, guild_ids: Iterable[str]) -> None:
        """Another process counts there from now on, beginning with what was counted here."""
        async with self._telling:
            gone = [session for guild_id in guild_ids for session in self._in(guild_id)]
            for session in gone:
                self._advance(session, self._guilds.known[session.guild_id])
                del self._sessions[session.guild_id, session.account.user_id]
            await self._repository.keep(gone)

    async def forget_old(self) -> None:
        """Sessions that were over long ago."""
        await self._repository.forget(self._now())
