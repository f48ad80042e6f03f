"""Chat through a conduit: one per installation, its shards shared by replicas, each read by somebody at all times."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from flask_core.auth import utc_now
from flask_core.claims import ClaimKeeper
from flask_core.contracts import twitch
from flask_core.datamodels import MessageType
from flask_core.testing.fake_twitch import CLIENT_ID
from flask_core.testing.installation import until
from twitch_module_flask.account_repository import AccountRepository
from twitch_module_flask.eventsub.connection import Door
from twitch_module_flask.eventsub.models import Conduit
from twitch_module_flask.eventsub.news import News
from twitch_module_flask.eventsub.reconciling import Subscriptions
from twitch_module_flask.eventsub.repository import ConduitRepository
from twitch_module_flask.eventsub.shards import KIND, Shards
from twitch_module_flask.eventsub.subscription_repository import SubscriptionRepository
from twitch_module_flask.eventsub.wanted import WANTED
from twitch_module_flask.eventsub.ways import OverConduit
from twitch_module_flask.models import ConnectedChannel, Notification
from twitch_module_flask.tests.conftest import WEBHOOK, Stream, streaming, traces_of

CHEER = {"broadcaster_user_id": "1337", "user_id": "4", "user_login": "ben", "user_name": "Ben", "bits": 5,
         "is_anonymous": False, "message": "hi"}  # fmt: skip


def shards_of(stream: Stream) -> Shards:
    """The shard keeper of the installation."""
    keeper: Shards = stream.inst.services["twitch"]._background["shards"].__self__  # type: ignore[attr-defined]
    return keeper


def sessions(stream: Stream) -> list[str]:
    """Who reads the shards of the conduit, by number."""
    conduit = next(iter(stream.twitch.conduits.values()))
    return [conduit.shards[number] for number in sorted(conduit.shards) if number not in conduit.disabled]


async def read(stream: Stream, shards: int = 1) -> None:
    """Until so many shards are read."""
    await until(lambda: stream.twitch.conduits and len(sessions(stream)) == shards, "a reader for every shard")


@asynccontextmanager
async def through_a_conduit(url: str, **settings: str) -> AsyncIterator[Stream]:
    """A connected channel whose chat comes through a conduit."""
    async with streaming(url, TWITCH_TRANSPORT="auto", **settings) as made:
        await made.connect()
        await read(made)
        yield made


@pytest_asyncio.fixture
async def stream(tmp_path: Path) -> AsyncIterator[Stream]:
    async with through_a_conduit(f"sqlite://{tmp_path}/t.db") as made:
        yield made


async def test_with_a_secret_chat_comes_through_a_conduit_without_any_public_address(tmp_path: Path) -> None:
    async with through_a_conduit(f"sqlite://{tmp_path}/t.db", TWITCH_PUBLIC_URL="") as stream:
        assert (await stream.answer(stream.twitch.add_user("7", "eve"), "!ping")).startswith("Pong")
        assert {one["transport"]["method"] for one in stream.twitch.subscriptions.values()} == {"conduit"}
        status = await stream.status()
        assert (status.transport, [shard.number for shard in status.shards], status.reason) == ("conduit", [0], "")
        assert (status.channels[0].wanted, status.channels[0].enabled) == (len(WANTED), len(WANTED))


async def test_a_line_that_twitch_hung_up_is_bound_again_and_chat_goes_on(stream: Stream) -> None:
    before = sessions(stream)
    await stream.twitch.sockets.close(4000)
    await until(lambda: sessions(stream) not in ([], before), "another session")
    assert (await stream.answer(stream.twitch.add_user("7", "eve"), "!ping")).startswith("Pong")


async def test_a_shard_that_twitch_disabled_is_bound_again_at_the_next_look(stream: Stream) -> None:
    conduit = next(iter(stream.twitch.conduits.values()))
    conduit.disabled[0] = "websocket_failed_to_reconnect"
    await shards_of(stream).look()
    assert not conduit.disabled


async def test_word_of_a_disabled_shard_is_enough(stream: Stream) -> None:
    conduit = next(iter(stream.twitch.conduits.values()))
    # Another shard brings the word; both are bound to the one socket here.
    conduit.shard_count, conduit.shards[1] = 2, conduit.shards[0]
    stream.twitch.disable_shard(conduit, 0)
    await until(lambda: 0 not in conduit.disabled, "the shard to be bound again")


async def test_the_conduit_is_found_again_by_its_id_and_strangers_are_left_alone(tmp_path: Path) -> None:
    url = f"sqlite://{tmp_path}/t.db"
    async with through_a_conduit(url) as stream:
        ours = next(iter(stream.twitch.conduits))
        stranger = stream.twitch.add_conduit(3)
        async with another(stream, "again") as replica:
            assert [resource.name for resource in await replica.keeper.resources()] == [f"{KIND}:0", f"{KIND}:1"]
        assert set(stream.twitch.conduits) == {ours, stranger.id}
        assert stranger.shard_count == 3


async def test_a_conduit_that_twitch_forgot_is_made_anew_with_everything_it_told(stream: Stream) -> None:
    old = next(iter(stream.twitch.conduits))
    stream.twitch.end_conduit(old)
    with pytest.raises(Exception, match="conduit"):
        await shards_of(stream).look()
    await until(lambda: len(stream.enabled) == len(WANTED), "everything through another conduit")
    assert old not in stream.twitch.conduits
    await shards_of(stream).look()
    assert (await stream.answer(stream.twitch.add_user("7", "eve"), "!ping")).startswith("Pong")


async def test_there_is_a_shard_for_every_replica_and_every_five_hundred_channels(stream: Stream) -> None:
    service = stream.inst.services["twitch"]
    accounts = AccountRepository(service.database, service.sealer)
    for number in range(1_200):
        await accounts.keep_channel(ConnectedChannel(f"c{number}", f"c{number:04}", stream.community_id))
    assert len(await accounts.channels()) == 1_201
    assert len(await shards_of(stream).resources()) == 3
    assert next(iter(stream.twitch.conduits.values())).shard_count == 3


async def nothing() -> None:
    """What a dead process does."""


@dataclass
class Replica:
    """Another replica's likeness of the shard keeper, and what it hears."""

    keeper: Shards
    claims: ClaimKeeper
    heard: list[Notification]


@asynccontextmanager
async def another(stream: Stream, instance: str) -> AsyncIterator[Replica]:
    """A second replica beside the installation's own."""
    service, real = stream.inst.services["twitch"], shards_of(stream)
    heard: list[Notification] = []

    async def hear(message: Notification) -> None:
        heard.append(message)

    accounts, door = AccountRepository(service.database, service.sealer), Door(stream.twitch.sockets.url)
    keeper = Shards(
        real._api, real._repository, accounts, door, hear, service.shared, News(service.shared), instance
    )  # fmt: skip
    claims = ClaimKeeper(service.services, KIND, instance, keeper, share=lambda: keeper.share)
    yield Replica(keeper, claims, heard)
    await keeper.leave(claims.release)
    await door.close()


@pytest.mark.promise("twitch.8")
async def test_a_killed_owners_shard_is_another_replicas_within_seven_minutes(stream: Stream) -> None:
    own = stream.inst.services["twitch"]._background["claims"].__self__  # type: ignore[attr-defined]
    router = stream.inst.services["router"]._background["claims"].__self__  # type: ignore[attr-defined]
    async with another(stream, "survivor") as replica:
        await replica.claims.step()
        await read(stream, 2)
        # The first replica dies without a word: it checks in no more, and its line is dead.
        own.step = nothing
        await shards_of(stream)._lines[0].stop()
        await replica.claims.step()
        assert replica.claims.held == (f"{KIND}:1",)
        router._now = replica.keeper._now = lambda: utc_now() + timedelta(minutes=6, seconds=30)
        replica.claims._check_in_at = 0
        await replica.claims.step()
        assert set(replica.claims.held) == {f"{KIND}:0", f"{KIND}:1"}
        await until(lambda: len(replica.keeper._lines) == 2 and len(sessions(stream)) == 2, "both shards")
        await stream.chat(stream.ann, "hello")
        await until(lambda: replica.heard, "the line")


@pytest.mark.promise("twitch.8")
async def test_who_stops_cleanly_hands_its_shard_over_at_once_and_loses_nothing(stream: Stream) -> None:
    conduit = next(iter(stream.twitch.conduits.values()))
    async with another(stream, "leaving") as replica:
        await replica.claims.step()
        await read(stream, 2)
        theirs = conduit.shards[1]
        assert theirs == replica.keeper._lines[1].session_id
    assert conduit.shards[1] not in {theirs, ""}
    assert not conduit.disabled
    for _ in range(4):
        assert await stream.chat(stream.ann, "hello") == 204
    assert (stream.twitch.lost, replica.heard) == ([], [])


@pytest.mark.promise("twitch.8")
async def test_replicas_share_the_shards_so_that_nobody_is_the_only_reader(stream: Stream) -> None:
    service, conduit = stream.inst.services["twitch"], next(iter(stream.twitch.conduits.values()))
    own = service._background["claims"].__self__  # type: ignore[attr-defined]
    accounts = AccountRepository(service.database, service.sealer)
    for number in range(1_700):
        await accounts.keep_channel(ConnectedChannel(f"c{number}", f"c{number:04}", stream.community_id))
    await own.step()
    await read(stream, 4)
    assert len(own.held) == 4
    async with another(stream, "newcomer") as replica:
        await replica.keeper.resources()
        await own.step()
        await replica.claims.step()
        assert (len(own.held), len(replica.claims.held)) == (2, 2)
        await until(lambda: len(shards_of(stream)._ending) == 0, "what was given away to be read by the newcomer")
        theirs = {line.session_id for line in replica.keeper._lines.values()}
        assert len(theirs & set(conduit.shards.values())) == 2
        for _ in range(8):
            assert await stream.chat(stream.ann, "hello") == 204
        await until(lambda: len(replica.heard) == 4, "half of the lines")
        assert stream.twitch.lost == []


@pytest.mark.promise("twitch.2")
async def test_the_same_message_over_webhook_and_socket_is_one_event(tmp_path: Path) -> None:
    async with through_a_conduit(f"sqlite://{tmp_path}/t.db") as stream:
        cheer = next(one for one in stream.enabled if one["type"] == "channel.cheer")
        posted = {**cheer, "transport": {"method": "webhook", "callback": "https://bot.example/api/v1/webhooks/eventsub"},
                  "secret": "a-secret-that-signs-eventsub"}  # fmt: skip
        await stream.twitch.deliver(cheer, CHEER, "m-1")
        await traces_of(stream, lambda trace: trace.message_type == MessageType.CHEER)
        assert await stream.twitch.deliver(posted, CHEER, "m-1") == 204
        # Another subscription tells the same under another id, as while the transport changes.
        assert await stream.twitch.deliver({**posted, "id": "old"}, CHEER, "m-2") == 204
        await stream.twitch.deliver(cheer, {**CHEER, "bits": 6}, "m-3")
        cheers = await traces_of(stream, lambda trace: trace.event_id == "twitch:m-3")
        everything = await traces_of(stream, lambda trace: trace.message_type == MessageType.CHEER)
        assert (len(cheers), len(everything)) == (1, 2)


async def over_a_conduit(stream: Stream) -> Subscriptions:
    """The reconciler as it will be after the operator has changed the transport."""
    real = stream.inst.services["twitch"]._background["subscriptions"].__self__._subscriptions  # type: ignore[attr-defined]
    database = stream.inst.services["twitch"].database
    conduits, made = ConduitRepository(database), stream.twitch.add_conduit(1)
    await conduits.keep(Conduit(made.id, 1), utc_now())
    way = OverConduit(real._api, conduits, f"https://bot.example{WEBHOOK}")
    kept = SubscriptionRepository(database, "conduit")
    return Subscriptions(real._api, real._helix, real._accounts, kept, way, real._telling, client_id=CLIENT_ID)


async def test_changing_the_transport_makes_the_new_before_it_ends_the_old(tmp_path: Path) -> None:
    async with streaming(f"sqlite://{tmp_path}/t.db") as stream:
        await stream.connect()
        assert {one["transport"]["method"] for one in stream.enabled} == {"webhook"}
        told_at_each_end: list[int] = []

        class Watched(dict[str, dict[str, Any]]):
            def pop(self, *args: Any) -> Any:
                told_at_each_end.append(len({one["type"] for one in stream.enabled}))
                return super().pop(*args)

        stream.twitch.subscriptions = Watched(stream.twitch.subscriptions)
        reconciler = await over_a_conduit(stream)
        assert await reconciler.reconcile()
        assert {one["transport"]["method"] for one in stream.twitch.subscriptions.values()} == {"conduit"}
        assert told_at_each_end == [len(WANTED)] * (len(WANTED) + 1)
        assert {row.transport for row in await reconciler._repository.all()} == {"conduit"}


async def test_what_another_installation_of_the_same_application_asked_for_is_left_alone(stream: Stream) -> None:
    stranger = stream.twitch.add_conduit(1)
    theirs = {**stream.enabled[0], "id": "theirs", "transport": {"method": "conduit", "conduit_id": stranger.id}}
    stream.twitch.subscriptions["theirs"] = theirs
    real = stream.inst.services["twitch"]._background["subscriptions"].__self__._subscriptions  # type: ignore[attr-defined]
    assert await real.reconcile()
    assert stream.twitch.subscriptions["theirs"] is theirs


async def test_at_twitchs_limit_what_is_told_goes_on_and_the_rest_says_why(tmp_path: Path) -> None:
    async with streaming(f"sqlite://{tmp_path}/t.db", TWITCH_TRANSPORT="conduit") as stream:
        stream.twitch.max_total_cost = -1
        grant = await stream.start()
        stream.twitch.approve(grant.user_code, stream.ann)
        await stream.ended(grant)
        status = await stream.shows(lambda status: status.channels[0].failed)
        assert "limit of notifications" in status.channels[0].failed[0].reason


async def test_a_version_that_twitch_ended_is_told_to_the_operator_and_not_asked_for_again(stream: Stream) -> None:
    await stream.twitch.revoke("channel.raid", "version_removed")
    await stream.shows(lambda status: "update. (channel.raid)" in status.reason)
    asked = stream.twitch.calls.count("POST /helix/eventsub/subscriptions")
    real = stream.inst.services["twitch"]._background["subscriptions"].__self__._subscriptions  # type: ignore[attr-defined]
    await real.reconcile()
    assert stream.twitch.calls.count("POST /helix/eventsub/subscriptions") == asked


@pytest.mark.promise("twitch.21")
async def test_a_revoked_sign_in_is_told_for_every_account_at_once(stream: Stream) -> None:
    event = {"client_id": CLIENT_ID, "user_id": "1337", "user_login": "teststreamer"}
    await stream.twitch.notify("user.authorization.revoke", event)
    status = await stream.shows(lambda status: status.accounts[0].state is twitch.AccountState.NEEDS_LOGIN)
    assert "connect the channel again" in status.reason
