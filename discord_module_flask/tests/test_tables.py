"""The tables of discord, on both databases."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio

from discord_module_flask.forms.repository import FormRepository, KeptForm
from discord_module_flask.gateway.sessions import Session, SessionRepository
from discord_module_flask.guild_repository import GuildRepository
from discord_module_flask.places import Guild, Voice
from discord_module_flask.slash.repository import Synced, SyncRepository
from discord_module_flask.voice.repository import VoiceRepository
from discord_module_flask.voice.sessions import VoiceSession
from flask_core.app_factory import Service
from flask_core.contracts import module
from flask_core.datamodels import Account, Form, FormField
from flask_core.testing.installation import Installation, installation

NOW = datetime.now(UTC).replace(microsecond=0)


@pytest_asyncio.fixture
async def inst(database_url: str) -> AsyncIterator[Installation]:
    async with installation(["discord_module_flask"], database_url) as made:
        yield made


@pytest.fixture
def service(inst: Installation) -> Service:
    return inst.services["discord"]


async def test_guilds_are_known_until_the_bot_left(service: Service) -> None:
    guilds = GuildRepository(service.database)
    icefloe = Guild("1", "Icefloe", "7", 12, permissions={"1": 8}, voices={"7": Voice("3", deaf=True)})
    await guilds.keep([icefloe, Guild("2", "Elsewhere", "8")], NOW)
    await guilds.keep([icefloe], NOW)
    assert await guilds.some(["1", "9"]) == [icefloe]
    await guilds.left("2", NOW)
    assert [one.id for one in await guilds.all()] == ["1"]
    await guilds.forget(NOW + timedelta(days=31))
    await guilds.keep([Guild("2", "Elsewhere", "8")], NOW)
    assert sorted(one.id for one in await guilds.all()) == ["1", "2"]


async def test_a_session_of_another_number_of_shards_is_none(service: Service) -> None:
    sessions = SessionRepository(service.database, service.sealer)
    assert await sessions.shards() == 0
    await sessions.keep(0, 2, Session("s", 5, "wss://resume"), NOW)
    await sessions.keep(0, 2, Session("s", 9, "wss://resume"), NOW)
    assert await sessions.read(0, 2) == Session("s", 9, "wss://resume")
    assert await sessions.read(0, 3) is None
    assert await sessions.shards() == 2
    kept = await service.database.read(lambda tx: tx.rows("SELECT session, resume_url FROM shards"))
    assert not any("wss" in text or text == "s" for text in kept[0])
    await sessions.forget(0)
    assert await sessions.read(0, 2) is None


async def test_what_a_guild_was_told_is_kept(service: Service) -> None:
    syncs = SyncRepository(service.database)
    await syncs.keep("1", Synced("a", NOW, 3, "2026-03-01", 3))
    await syncs.keep("1", Synced("b", NOW, 4, "2026-03-01", 7))
    assert await syncs.all() == {"1": Synced("b", NOW, 4, "2026-03-01", 7)}


async def test_forms_and_times_in_voice_go_with_their_person(inst: Installation, service: Service) -> None:
    forms, voice = FormRepository(service.database), VoiceRepository(service.database)
    form = KeptForm("f", "7", "survey", "discord:1:2", Form("Fish", (FormField("a", "A"),), "done"))
    await forms.keep(form, NOW + timedelta(days=1))
    await forms.enter("f", {"a": "b"})
    kept = await forms.read("f", NOW)
    assert kept is not None
    assert kept.values == {"a": "b"}
    assert await forms.read("f", NOW + timedelta(days=2)) is None
    session = VoiceSession("v", "1", Account("7", "ann", "Ann"), "3", NOW, 2, 30, 5)
    await voice.keep([session])
    assert await voice.open() == [session]
    asked = module.PersonAccounts("request", (("discord", "7"), ("twitch", "8")))
    identity = inst.client("identity")
    told = await identity.call("discord", module.EXPORT, asked)
    assert {name: len(rows) for name, rows in told.tables.items()} == {"voice_sessions": 1, "forms": 1}
    assert (await identity.call("discord", module.ERASE, asked)).counts == {"voice_sessions": 1, "forms": 1}
    assert await voice.open() == []
    assert (await identity.call("discord", module.ERASE, asked)).counts == {"voice_sessions": 0, "forms": 0}


async def test_old_times_in_voice_are_forgotten(service: Service) -> None:
    voice = VoiceRepository(service.database)
    session = VoiceSession("v", "1", Account("7"), "3", NOW)
    await voice.keep([session], NOW)
    assert await voice.open() == []
    await voice.keep([VoiceSession("w", "1", Account("7"), "3", NOW)])
    await voice.forget(NOW + timedelta(days=31))
    left = await service.database.read(lambda tx: tx.rows("SELECT id FROM voice_sessions"))
    assert [row[0] for row in left] == ["w"]
