"""The tables behind connecting, on both databases."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest_asyncio

from flask_core.app_factory import Service
from flask_core.contracts.twitch import ChannelSettings, GrantState
from flask_core.testing.installation import installation
from twitch_module_flask.account_repository import AccountRepository
from twitch_module_flask.choice_repository import ChoiceRepository
from twitch_module_flask.grant_repository import GrantRepository
from twitch_module_flask.models import ConnectedAccount, ConnectedChannel, PendingGrant, Tokens
from twitch_module_flask.own_secrets import SigningSecret
from twitch_module_flask.redirects import hashed

NOW = datetime.now(UTC).replace(microsecond=0)


@pytest_asyncio.fixture
async def service(database_url: str) -> AsyncIterator[Service]:
    async with installation(["twitch_module_flask"], database_url) as inst:
        yield inst.services["twitch"]


def account(kind: str, community_id: int) -> ConnectedAccount:
    tokens = Tokens("access", "refresh", NOW, ("user:bot",))
    return ConnectedAccount("9", "ann", kind, community_id, tokens, NOW, person_id="p")  # type: ignore[arg-type]


async def test_a_state_is_taken_by_one_and_the_verifier_is_sealed(service: Service) -> None:
    grants = GrantRepository(service.database, service.sealer)
    grant = PendingGrant(
        "g", "broadcaster", "p", 2, "", "", "", "", ("a", "b"), NOW + timedelta(minutes=10), packs=("control",),
        state_hash=hashed("state"), session_hash=hashed("session"), verifier="verifier",
    )  # fmt: skip
    await grants.add(grant, NOW)
    kept = await service.database.read(lambda tx: tx.row("SELECT state_hash, verifier FROM grants"))
    assert kept is not None
    assert "state" not in str(kept[0])
    assert "verifier" not in str(kept[1])
    taken = await asyncio.gather(*(grants.take(hashed("state")) for _ in range(5)))
    assert [one for one in taken if one is not None] == [grant]
    # Twitch is not asked about it: it has no code.
    assert await grants.due(NOW + timedelta(hours=1)) == []
    await grants.ended(grant, GrantState.CONNECTED, login="ann")
    ended = await grants.find("g")
    assert ended is not None
    assert (ended.verifier, ended.state, ended.login) == ("", GrantState.CONNECTED, "ann")
    await grants.forget(NOW + timedelta(hours=2))
    assert await grants.find("g") is None


async def test_a_bot_stays_one_and_its_community_too(service: Service) -> None:
    accounts = AccountRepository(service.database, service.sealer)
    await accounts.keep(account("broadcaster", 2))
    await accounts.keep(account("bot", 0))
    await accounts.keep(account("broadcaster", 3))
    standing = (await accounts.standings())[0]
    assert (standing.kind, standing.community_id, standing.told_at) == ("bot", 0, None)
    await accounts.told("9", NOW)
    assert (await accounts.standings())[0].told_at == NOW
    await accounts.taken_back("9", "Taken back.")
    known = await accounts.account("9")
    assert known is not None
    assert (known.tokens.access, known.reason, known.tokens.scopes) == ("", "Taken back.", ("user:bot",))
    fresh = await accounts.refreshed(replace(known, tokens=account("bot", 0).tokens), known.tokens, NOW)
    assert fresh.refreshed_at == NOW
    assert (await accounts.standings())[0].told_at is None


async def test_choices_are_kept_and_written_down(service: Service) -> None:
    accounts, choices = AccountRepository(service.database, service.sealer), ChoiceRepository(service.database)
    await accounts.keep_channel(ConnectedChannel("1", "ann", 2))
    asked = ChannelSettings("1", 2, "include", "9", ("events",), 2, "plain")
    for _ in range(2):
        assert await choices.choose(asked, "p", NOW)
    await choices.switch_on(["1"], ("control", "events"))
    channel = (await accounts.channels())[0]
    assert (channel.shared_chat, channel.bot_user_id, channel.parts, channel.reply_style) == (
        "include", "9", 2, "plain"
    )  # fmt: skip
    assert channel.packs == ("events", "control")
    await accounts.set_moderator("1", True, "9")
    assert (await accounts.channels())[0].moderating_bot == "9"
    written = await service.database.read(lambda tx: tx.rows("SELECT actor, action, was, became FROM audit"))
    assert len(written) == 1
    assert ('"parts":3' in written[0][2], '"parts":2' in written[0][3]) == (True, True)
    long_ago = NOW - timedelta(days=500)
    await service.database.write(lambda tx: tx.run("UPDATE audit SET at = ?", long_ago))
    await choices.forget_old()
    assert not await service.database.read(lambda tx: tx.rows("SELECT 1 FROM audit"))
    await choices.stop_reading("1")
    assert await accounts.channels() == []


async def test_all_replicas_make_up_one_secret(service: Service) -> None:
    replicas = [SigningSecret(service.database, service.sealer, "") for _ in range(4)]
    made = await asyncio.gather(*(one.get() for one in replicas))
    assert len(set(made)) == 1
    assert 10 <= len(made[0]) <= 100
