"""The tables of discord, on both databases."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta

import pytest
import pytest_asyncio

from discord_module_flask.feedback.repository import FeedbackRepository
from discord_module_flask.forms.repository import FormRepository, KeptForm
from discord_module_flask.gateway.sessions import Session, SessionRepository
from discord_module_flask.guild_repository import GuildRepository
from discord_module_flask.places import Guild, Voice
from discord_module_flask.servers.audit_repository import AuditRepository, By
from discord_module_flask.servers.proof_repository import ProofRepository
from discord_module_flask.servers.repository import RoleHere, ServerRepository
from discord_module_flask.slash.repository import Synced, SyncRepository
from discord_module_flask.voice.repository import VoiceRepository
from discord_module_flask.voice.sessions import VoiceSession
from flask_core.app_factory import Service
from flask_core.contracts import module
from flask_core.contracts.discord_feedback import Feedback
from flask_core.contracts.discord_guilds import GuildSettings
from flask_core.datamodels import Account, Form, FormField, Role
from flask_core.seen_role_repository import SeenRole, SeenRoleRepository
from flask_core.testing.installation import Installation, installation

NOW = datetime.now(UTC).replace(microsecond=0)


def _day(ago: int) -> str:
    return f"{NOW - timedelta(days=ago):%Y-%m-%d}"


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
    await sessions.keep(0, 2, Session("s", 5, "wss://resume"), NOW)
    await sessions.keep(0, 2, Session("s", 9, "wss://resume"), NOW)
    assert await sessions.read(0, 2) == Session("s", 9, "wss://resume")
    assert await sessions.read(0, 3) is None
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
    await voice.keep([session], told=[("1", "7", _day(4), 5)])
    await voice.keep([session], told=[("1", "7", _day(4), 4), ("1", "7", _day(2), 2)])
    assert await voice.open() == [session]
    assert [await voice.minutes("1", "7", date.fromisoformat(_day(ago))) for ago in (4, 3, 1)] == [11, 2, 0]
    await service.database.write(lambda tx: tx.run("DELETE FROM voice_days WHERE day = ?", _day(2)))
    await GuildRepository(service.database).keep([Guild("1", "Icefloe", "7")], NOW)
    seen = SeenRole("1", "7", Role.OWNER, NOW)
    roles = SeenRoleRepository(service.database, "guild_id", "guilds")
    assert await roles.saw(seen, NOW)
    assert await roles.waiting(5) == [seen]
    feedback, said = FeedbackRepository(service.database), Feedback("f", "ann", "Icefloe", "Fish", "More", NOW)
    for _ in range(2):
        await feedback.keep(9, "7", said)
    assert await feedback.of(9) == [said]
    await feedback.forget(NOW + timedelta(days=89))
    assert len(await feedback.of(9)) == 1
    assert await feedback.of(8) == []
    asked = module.PersonAccounts("request", (("discord", "7"), ("twitch", "8")))
    identity = inst.client("identity")
    told = await identity.call("discord", module.EXPORT, asked)
    everything = {"voice_sessions": 1, "voice_days": 1, "platform_roles": 1, "feedback": 1, "forms": 1}
    assert {name: len(rows) for name, rows in told.tables.items()} == everything
    assert (await identity.call("discord", module.ERASE, asked)).counts == everything
    assert await voice.open() == []
    assert await voice.minutes("1", "7", date(2026, 1, 1)) == 0
    assert (await identity.call("discord", module.ERASE, asked)).counts == dict.fromkeys(everything, 0)


async def test_old_times_in_voice_are_forgotten(service: Service) -> None:
    voice = VoiceRepository(service.database)
    session = VoiceSession("v", "1", Account("7"), "3", NOW)
    await voice.keep([session], NOW)
    assert await voice.open() == []
    await voice.keep([VoiceSession("w", "1", Account("7"), "3", NOW)])
    await voice.forget(NOW + timedelta(days=31))
    left = await service.database.read(lambda tx: tx.rows("SELECT id FROM voice_sessions"))
    assert [row[0] for row in left] == ["w"]


async def test_what_was_chosen_for_a_server_goes_with_it(service: Service) -> None:
    servers, proofs = ServerRepository(service.database), ProofRepository(service.database)
    await GuildRepository(service.database).keep([Guild("1", "Icefloe", "7")], NOW)
    by, audit = By(9, "person", NOW), AuditRepository(service.database)
    for guild_id in ("1", "2"):
        await servers.set_up(guild_id, GuildSettings(prefix="?"), by)
        await servers.set_up(guild_id, GuildSettings(prefix="??"), by)
        await servers.map(guild_id, [RoleHere("5", "Old", Role.VIP)], by)
        await servers.map(guild_id, [RoleHere("6", "Helpers", Role.MODERATOR)], by)
        await proofs.keep(guild_id, by)
    await servers.forget(NOW)
    await proofs.forget(NOW)
    assert await servers.settings() == {"1": GuildSettings(prefix="??")}
    assert await servers.roles() == {"1": [RoleHere("6", "Helpers", Role.MODERATOR)]}
    assert await proofs.guilds(9) == {"1"}
    assert await proofs.forget_community(9) == 1
    changed = [(one["action"], one["target"]) for one in await audit.of(["person"])]
    assert changed[:5] == [
        ("server.settings", "1"), ("server.settings", "1"), ("server.roles", "1"), ("server.roles", "1"),
        ("server.prove", "1"),
    ]  # fmt: skip
    was = await service.database.read(lambda tx: tx.rows("SELECT was, became FROM audit ORDER BY id LIMIT 4"))
    assert was[1] == ('{"prefix":"?"}', '{"prefix":"??"}')
    assert was[3] == ('{"5":"vip"}', '{"6":"moderator"}')
    assert await audit.erase(["person"]) == 10
    assert await audit.of(["person"]) == []
    assert await audit.forget_community(9) == 10


async def test_a_way_to_discord_is_good_once_and_not_for_long(service: Service) -> None:
    proofs = ProofRepository(service.database)
    await proofs.add("hash", "ann", 9, NOW + timedelta(minutes=10), NOW)
    assert await proofs.take("hash", NOW) == ("ann", 9)
    assert await proofs.take("hash", NOW) is None
    await proofs.add("late", "ann", 9, NOW, NOW)
    assert await proofs.take("late", NOW) is None


async def test_the_number_of_shards_is_one_and_grows_where_nobody_says_it(service: Service) -> None:
    sessions = SessionRepository(service.database, service.sealer)
    assert await sessions.count() == 0
    for wanted, only_more, becomes in ((2, True, 2), (1, True, 2), (4, True, 4), (1, False, 1)):
        await sessions.keep(0, 9, Session("s", 5, "wss://resume"), NOW)
        await sessions.fix(wanted, NOW, only_more=only_more)
        assert await sessions.count() == becomes
        assert await sessions.read(0, 9) is None
    await sessions.keep(0, 1, Session("s", 5, "wss://resume"), NOW)
    await sessions.fix(1, NOW, only_more=False)
    assert await sessions.read(0, 1) is not None
