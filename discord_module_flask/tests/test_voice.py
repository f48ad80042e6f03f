"""Minutes in voice channels: whole ones, with company, over restarts."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from discord_module_flask.places import Guilds
from discord_module_flask.servers.setups import Setup
from discord_module_flask.voice.minutes import Minutes
from discord_module_flask.voice.repository import VoiceRepository
from flask_core.contracts.discord_guilds import GuildSettings
from flask_core.datamodels import Event, MessageType
from flask_core.errors import Unavailable
from flask_core.handover import Handover
from flask_core.spool import SpoolRepository
from flask_core.testing.fake_discord import FakeDiscord, FakeGuild, FakeMember
from flask_core.testing.installation import installation

BEGINNING = datetime(2026, 3, 1, 20, 0, tzinfo=UTC)


class Talk:
    """A guild with a voice channel; the spool has what the router would be told."""

    def __init__(self, service: Any) -> None:
        self.service = service
        self.discord = FakeDiscord()
        self.guild: FakeGuild = self.discord.add_guild("Icefloe")
        self.lounge = self.guild.add_channel("Lounge", 2)
        self.afk = self.guild.add_channel("Away", 2)
        self.guild.afk_channel_id = self.afk
        self.people = [self.guild.add_member(name) for name in ("ann", "ben", "dee")]
        self.now = BEGINNING
        self.chosen = GuildSettings()
        self.begin()

    def begin(self) -> None:
        """A process starts, and Discord tells it about the guild."""
        self.guilds = Guilds(lambda _: Setup(self.chosen))
        handover = Handover(
            "discord", self.service.services, SpoolRepository(self.service.database, 100), self.service.shared
        )
        repository = VoiceRepository(self.service.database)
        self.minutes = Minutes(repository, self.guilds, handover, lambda guild: f"discord:{guild}:1", lambda: self.now)

    async def arrives(self) -> list[Event]:
        """GUILD_CREATE."""
        return await self.minutes.found(self.guilds.created(self.guild.shown("100"), "100"))

    async def is_in(self, who: FakeMember, channel: str | None, **more: Any) -> list[Event]:
        """Somebody's voice state."""
        state = {"guild_id": self.guild.id, "user_id": who.id, "channel_id": channel, **more}
        self.guild.voice[who.id] = state
        if channel is None:
            del self.guild.voice[who.id]
        return await self.minutes.changed({**state, "member": who.shown})

    async def pass_(self, **time: float) -> None:
        """Time goes by, looked at every five minutes as the job does."""
        until = self.now + timedelta(**time)
        while self.now < until:
            self.now = min(until, self.now + timedelta(minutes=5))
            if (self.now - BEGINNING) % timedelta(minutes=5) == timedelta():
                await self.minutes.slice()

    async def spooled(self) -> dict[str, int]:
        """Minutes by event id."""
        events = await SpoolRepository(self.service.database, 100).oldest(100)
        return {e.event_id: e.amount or 0 for _, e in events if e.message_type is MessageType.VOICE_TIME}

    async def total(self) -> int:
        """Minutes of everybody."""
        return sum((await self.spooled()).values())


@pytest_asyncio.fixture
async def talk(tmp_path: Path) -> AsyncIterator[Talk]:
    """A talk that is not written about anywhere; the router is away, so that the spool shows what it would be told."""
    async with installation(["discord_module_flask"], f"sqlite://{tmp_path}/t.db") as inst:
        made = Talk(inst.services["discord"])
        await made.arrives()
        yield made


@pytest.mark.promise("discord.11")
async def test_whole_minutes_are_told_and_the_rest_carries_over(talk: Talk) -> None:
    ann, ben, _ = talk.people
    joined = await talk.is_in(ann, talk.lounge)
    assert [one.message_type for one in joined] == [MessageType.VOICE_JOIN]
    await talk.is_in(ben, talk.lounge)
    await talk.pass_(minutes=10, seconds=40)
    left = await talk.is_in(ann, None)
    assert [one.message_type for one in left] == [MessageType.VOICE_LEAVE]
    assert sorted((await talk.spooled()).values()) == [5, 5, 5, 5]
    (session,) = await VoiceRepository(talk.service.database).open()
    assert session.account.user_id == ben.id
    talk.now += timedelta(seconds=20)
    await talk.is_in(ann, talk.lounge)
    await talk.is_in(ann, None)
    # 40 s of Ben's were left over; alone he collects none.
    await talk.minutes.slice()
    (session,) = await VoiceRepository(talk.service.database).open()
    assert session.remainder == 40


@pytest.mark.promise("discord.11")
async def test_alone_away_or_deaf_is_no_time(talk: Talk) -> None:
    ann, ben, dee = talk.people
    await talk.is_in(ann, talk.lounge)
    robot = talk.guild.add_member("robot", bot=True)
    await talk.is_in(robot, talk.lounge)
    await talk.pass_(minutes=10)
    await talk.is_in(ben, talk.afk)
    await talk.is_in(dee, talk.afk)
    await talk.pass_(minutes=10)
    assert await talk.total() == 0
    await talk.is_in(ben, talk.lounge, self_deaf=True)
    await talk.pass_(minutes=10)
    assert set((await talk.spooled()).values()) == {5}
    assert await talk.total() == 10


@pytest.mark.promise("discord.11")
async def test_a_restart_neither_loses_nor_doubles(talk: Talk) -> None:
    ann, ben, _ = talk.people
    await talk.is_in(ann, talk.lounge)
    await talk.is_in(ben, talk.lounge)
    await talk.pass_(minutes=7)
    await talk.minutes.release([talk.guild.id])
    talk.now += timedelta(minutes=2)
    talk.begin()
    assert await talk.arrives() == []
    await talk.pass_(minutes=1)
    await talk.is_in(ann, None)
    await talk.is_in(ben, None)
    assert await talk.total() == 20


@pytest.mark.promise("discord.11")
async def test_of_a_long_outage_five_minutes_count_and_a_slice_is_told_once(talk: Talk) -> None:
    ann, ben, _ = talk.people
    await talk.is_in(ann, talk.lounge)
    await talk.is_in(ben, talk.lounge)
    keep, fails = talk.minutes._handover.take, True

    async def take(event: Event) -> bool:
        if fails:
            raise Unavailable("Nobody takes it.")
        return await keep(event)

    talk.minutes._handover.take = take  # type: ignore[method-assign]
    talk.now += timedelta(minutes=5)
    with pytest.raises(Unavailable):
        await talk.minutes.slice()
    # The process dies here: five minutes were decided on, and nobody has them.
    talk.now += timedelta(hours=2)
    talk.begin()
    await talk.arrives()
    await talk.minutes.slice()
    told = await talk.spooled()
    assert sorted(told.values()) == [5, 5]
    talk.now += timedelta(minutes=1)
    await talk.minutes.slice()
    assert await talk.total() == 2 * (5 + 5 + 1)
    assert len(set(told)) == 2


async def test_who_left_meanwhile_has_left(talk: Talk) -> None:
    ann, ben, _ = talk.people
    await talk.is_in(ann, talk.lounge)
    await talk.is_in(ben, talk.lounge)
    await talk.pass_(minutes=1)
    await talk.minutes.release([talk.guild.id])
    del talk.guild.voice[ann.id]
    talk.begin()
    (left,) = await talk.arrives()
    assert (left.message_type, left.account and left.account.user_id) == (MessageType.VOICE_LEAVE, ann.id)
    assert await talk.total() == 1


async def test_where_voice_is_off_or_a_channel_is_left_out_no_time_counts(talk: Talk) -> None:
    ann, ben, dee = talk.people
    talk.chosen = GuildSettings(voice_excluded=(talk.lounge,))
    await talk.is_in(ann, talk.lounge)
    await talk.is_in(ben, talk.lounge)
    await talk.pass_(minutes=10)
    assert await talk.total() == 0
    talk.chosen = GuildSettings()
    await talk.pass_(minutes=5)
    assert await talk.total() == 10
    talk.chosen = GuildSettings(voice=False)
    assert await talk.is_in(dee, talk.lounge) == []
    await talk.pass_(minutes=10)
    assert await talk.total() == 10
    today = talk.now.date()
    assert await VoiceRepository(talk.service.database).minutes(talk.guild.id, ann.id, today) == 5
