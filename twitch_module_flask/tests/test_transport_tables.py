"""The tables behind the transports, on both databases."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest_asyncio

from flask_core.app_factory import Service
from flask_core.contracts.twitch import AccountState, ChannelSettings, Kind
from flask_core.testing.installation import installation
from twitch_module_flask.account_repository import AccountRepository
from twitch_module_flask.choice_repository import ChoiceRepository
from twitch_module_flask.eventsub.models import Conduit, Subscription
from twitch_module_flask.eventsub.repository import ConduitRepository
from twitch_module_flask.eventsub.subscription_repository import SubscriptionRepository
from twitch_module_flask.models import ConnectedAccount, ConnectedChannel, Tokens

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest_asyncio.fixture
async def service(database_url: str) -> AsyncIterator[Service]:
    async with installation(["twitch_module_flask"], database_url) as inst:
        yield inst.services["twitch"]


def row(subject: str, kind: str, transport: str = "conduit", **more: str) -> Subscription:
    return Subscription(subject, kind, transport, more.get("id", f"{subject}-{kind}"), more.get("status", "enabled"))


async def test_there_is_one_conduit_and_its_shards_go_with_it(service: Service) -> None:
    conduits = ConduitRepository(service.database)
    assert await conduits.conduit() is None
    await conduits.keep(Conduit("a", 3), NOW)
    for number in range(3):
        await conduits.bound("a", number, "me", f"s{number}", NOW)
    await conduits.bound("a", 1, "you", "s9", NOW)
    assert [(one.number, one.owner) for one in await conduits.shards()] == [(0, "me"), (1, "you"), (2, "me")]
    await conduits.keep(Conduit("a", 2), NOW)
    assert [one.number for one in await conduits.shards()] == [0, 1]
    await conduits.keep(Conduit("b", 1), NOW)
    assert await conduits.conduit() == Conduit("b", 1)
    assert await conduits.shards() == []
    await conduits.bound("a", 0, "me", "s", NOW)
    assert await conduits.shards() == []


async def test_replicas_count_until_they_are_silent_or_leave_and_are_known_for_longer(service: Service) -> None:
    conduits = ConduitRepository(service.database)

    async def seen(name: str, later: int) -> tuple[int, int]:
        now = NOW + timedelta(minutes=later)
        return await conduits.seen(name, now, now - timedelta(minutes=1), now - timedelta(minutes=10))

    assert await seen("a", 0) == (1, 1)
    assert await seen("b", 0) == (2, 2)
    await conduits.leaves("b", NOW - timedelta(minutes=1))
    assert await seen("a", 0) == (1, 2)
    assert await seen("c", 2) == (1, 3)
    assert await seen("a", 11) == (1, 2)


async def test_what_is_told_is_kept_by_subject_type_and_transport(service: Service) -> None:
    kept = SubscriptionRepository(service.database, "conduit")
    await kept.keep([row("1", "stream.online"), row("1", "stream.online", "webhook", id="old"), row("", "x")])
    await kept.keep([])
    assert [one.id for one in await kept.of("1")] == ["1-stream.online"]
    assert await kept.ids_of("1") == ["1-stream.online", "old"]
    await kept.revoked(row("1", "stream.online", id="never kept", status="revoked"))
    assert (await kept.of("1"))[0].status == "revoked"
    await kept.revoked(row("2", "other", status="gone", id="1-stream.online"))
    assert await kept.gone() == ["stream.online"]
    await kept.keep([row("1", "stream.online", status="refused")])
    await kept.try_again("2")
    assert (await kept.of("1"))[0].status == "refused"
    await kept.try_again("1")
    assert (await kept.of("1"))[0].status == "pending"
    await kept.forget([row("1", "stream.online", "webhook")])
    assert len(await kept.all()) == 2
    # A challenge is a webhook's alone.
    assert not await kept.answered("1", "stream.online", "1-stream.online")


async def test_more_than_a_page_of_channels_and_accounts_is_read_to_its_end(service: Service) -> None:
    accounts = AccountRepository(service.database, service.sealer)
    await accounts.keep(account("9", "bot", "zoe"))
    await accounts.keep(account("10", "broadcaster", "ann"))
    for number in range(1_001):
        await accounts.keep_channel(ConnectedChannel(f"c{number}", f"login{number:04}", 1 if number else 2))
    assert len(await accounts.channels()) == await accounts.channel_count() == 1_001
    assert [one.broadcaster_id for one in await accounts.channels(2)] == ["c0"]
    assert [(one.login, one.state) for one in await accounts.standings()] == [
        ("ann", AccountState.OK), ("zoe", AccountState.OK)
    ]  # fmt: skip
    assert await accounts.bots() == {"9"}
    assert await ChoiceRepository(service.database).choose(ChannelSettings("c0", 2, "include"), "ann", NOW)
    assert not await ChoiceRepository(service.database).choose(ChannelSettings("c1", 2, "include"), "ann", NOW)
    assert await accounts.including() == {"c0"}
    await accounts.validate_soon("9")
    assert {one.user_id for one in await accounts.standings() if one.validated_at < NOW} == {"9"}


def account(user_id: str, kind: Kind, login: str) -> ConnectedAccount:
    tokens = Tokens("access", "refresh", NOW, ("user:bot",))
    return ConnectedAccount(user_id, login, kind, 0, tokens, NOW)
