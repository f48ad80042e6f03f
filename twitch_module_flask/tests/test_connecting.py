"""A channel is connected with a code, and stays so until somebody takes it back."""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import replace
from datetime import timedelta

import pytest

from flask_core.config import ConfigError
from flask_core.contracts import community, twitch
from flask_core.errors import Conflict, Forbidden, InvalidInput, NotFound, Unauthenticated
from flask_core.testing.fake_twitch import signed_headers
from flask_core.testing.installation import environment, until
from twitch_module_flask.account_repository import AccountRepository
from twitch_module_flask.config import MODULE, Config
from twitch_module_flask.eventsub.wanted import WANTED
from twitch_module_flask.oauth import TwitchAuth
from twitch_module_flask.tests.conftest import SECRET, Stream, recorded, streaming
from twitch_module_flask.tokens import AccountTokens
from twitch_module_flask.webhook import PATH

State = twitch.GrantState


@pytest.mark.promise("twitch.15")
async def test_a_code_is_pending_until_somebody_says_yes(unconnected: Stream) -> None:
    grant = await unconnected.start()
    assert (grant.state, "activate" in grant.verification_uri) == (State.PENDING, True)
    assert (await unconnected.status()).reason == "No channel is connected yet."
    unconnected.twitch.approve(grant.user_code, unconnected.ann)
    assert (await unconnected.ended(grant)).login == "teststreamer"
    asked = community.CommunityId(unconnected.community_id)
    attached = await unconnected.portal.client.call("community", community.CHANNELS, asked)
    assert [channel.key for channel in attached.items] == ["twitch:1337:1337"]


@pytest.mark.promise("twitch.15")
@pytest.mark.parametrize(("word", "state"), [("access_denied", State.DENIED), ("invalid device code", State.EXPIRED)])
async def test_a_no_and_an_old_code_end_it_with_their_reason(
    unconnected: Stream, word: str, state: twitch.GrantState
) -> None:
    grant = await unconnected.start()
    unconnected.twitch.deny(grant.user_code, word)
    ended = await unconnected.ended(grant)
    assert ended.state is state
    assert ended.reason


@pytest.mark.promise("twitch.15")
async def test_slow_down_asks_less_often_and_goes_on(unconnected: Stream) -> None:
    grant = await unconnected.start()
    unconnected.twitch.deny(grant.user_code, "slow_down")
    asked = unconnected.twitch.calls
    await until(lambda: asked.count("POST /oauth2/token") > 0)
    unconnected.twitch.approve(grant.user_code, unconnected.ann)
    assert (await unconnected.grant(grant)).state is State.PENDING


@pytest.mark.promise("twitch.16")
async def test_another_account_than_expected_is_not_kept(unconnected: Stream) -> None:
    grant = await unconnected.start(expected_user_id="1337")
    unconnected.twitch.approve(grant.user_code, unconnected.twitch.add_user("66", "mallory"))
    ended = await unconnected.ended(grant)
    assert (ended.state, "mallory" in ended.reason) == (State.WRONG_ACCOUNT, True)
    assert not (await unconnected.status()).accounts
    assert not any(token.alive for token in unconnected.twitch.tokens.values() if token.user)


async def test_a_code_is_seen_only_by_whoever_asked_for_it(unconnected: Stream) -> None:
    grant = await unconnected.start()
    other = replace_person(unconnected)
    with pytest.raises(NotFound):
        await unconnected.portal.client.call("twitch", twitch.GRANT, twitch.GrantId(grant.id), acting=other)
    with pytest.raises(Forbidden):
        await unconnected.portal.client.call(
            "twitch", twitch.START_GRANT, twitch.StartGrant("bot", unconnected.community_id), acting=other
        )
    with pytest.raises(InvalidInput):
        await unconnected.portal.client.call(
            "twitch", twitch.START_GRANT, twitch.StartGrant("broadcaster"), acting=unconnected.owner
        )


def replace_person(stream: Stream) -> twitch.Acting:  # type: ignore[name-defined]
    import msgspec

    return msgspec.structs.replace(stream.owner, person_id="person-eve", operator=False)


@pytest.mark.promise("twitch.4")
async def test_a_challenge_is_answered_for_what_was_asked_and_nothing_else(stream: Stream) -> None:
    _, body = recorded("verification-channel.follow")
    headers = signed_headers(SECRET, body, "webhook_callback_verification", "channel.follow")
    assert (await stream.post(body, headers))[0] == 404
    asked = next(one for one in stream.enabled if one["type"] == "channel.follow")
    said = json.dumps({"challenge": "c-1", "subscription": {**asked, "secret": ""}}).encode()
    headers = signed_headers(SECRET, said, "webhook_callback_verification", "channel.follow")
    answer = await stream.web.post("/api/v1/webhooks/eventsub", data=said, headers=headers)
    assert (answer.status_code, await answer.get_data(as_text=True)) == (200, "c-1")
    assert answer.content_type.startswith("text/plain")


@pytest.mark.promise("twitch.21")
async def test_what_the_streamer_takes_back_is_told_on_the_tile(stream: Stream) -> None:
    assert await stream.twitch.revoke("channel.follow", "authorization_revoked") == 204
    async with asyncio.timeout(10):
        # The module's own round may still be under way beside this one; what they ask for twice heals in the next.
        await reconciles(stream)
        while [failed.type for failed in (await stream.status()).channels[0].failed] != ["channel.follow"]:
            await reconciles(stream)
    status = await stream.status()
    assert "connect the channel again" in status.reason
    assert status.accounts[0].state is twitch.AccountState.NEEDS_LOGIN


async def test_a_disconnected_channel_is_forgotten_here_and_at_twitch(stream: Stream) -> None:
    of = twitch.AccountOf("1337", stream.community_id)
    await stream.portal.client.call("twitch", twitch.DISCONNECT, of, acting=stream.owner)
    assert stream.enabled == []
    assert not any(token.alive for token in stream.twitch.tokens.values() if token.user)
    assert (await stream.status()).reason == "No channel is connected yet."
    with pytest.raises(NotFound):
        await stream.portal.client.call("twitch", twitch.DISCONNECT, of, acting=stream.owner)


@pytest.mark.promise("twitch.17")
async def test_what_a_right_is_missing_for_is_asked_for_again_when_somebody_grants_it(unconnected: Stream) -> None:
    unconnected.twitch.refuses = {"channel.vip.add": 403}
    grant = await unconnected.start()
    unconnected.twitch.approve(grant.user_code, unconnected.ann)
    await until(lambda: len(unconnected.enabled) == len(WANTED) - 1, "all but one")
    failed = (await unconnected.status()).channels[0].failed
    assert [(one.type, one.reason) for one in failed] == [
        ("channel.vip.add", "A right is missing: connect the channel again.")
    ]
    asked = unconnected.twitch.calls.count("POST /helix/eventsub/subscriptions")
    await reconciles(unconnected)
    assert unconnected.twitch.calls.count("POST /helix/eventsub/subscriptions") == asked
    unconnected.twitch.refuses = {}
    await unconnected.connect()
    assert not (await unconnected.status()).channels[0].failed


async def test_what_twitch_could_not_take_is_asked_for_again_by_itself(stream: Stream) -> None:
    del stream.twitch.subscriptions[next(one["id"] for one in stream.enabled if one["type"] == "channel.raid")]
    stream.twitch.refuses = {"channel.raid": 500}
    await reconciles(stream)
    assert [one.type for one in (await stream.status()).channels[0].failed] == ["channel.raid"]
    stream.twitch.refuses = {}
    await reconciles(stream)
    await until(lambda: len(stream.enabled) == len(WANTED), "all notifications")
    assert not (await stream.status()).channels[0].failed


async def reconciles(stream: Stream) -> None:
    """Ten minutes are over."""
    await stream.inst.services["twitch"]._background["subscriptions"].__self__._subscriptions.reconcile()  # type: ignore[attr-defined]


async def test_without_an_application_the_tile_says_what_to_set(tmp_path: object) -> None:
    async with streaming(f"sqlite://{tmp_path}/t.db", TWITCH_CLIENT_ID="") as stream:
        status = await stream.status()
        assert "TWITCH_CLIENT_ID" in status.reason
        assert not status.can_connect
        assert (await stream.web.get("/ready")).status_code == 200
        with pytest.raises(Conflict, match="TWITCH_CLIENT_ID"):
            await stream.start()


@pytest.mark.parametrize(
    ("settings", "way", "lacks"),
    [({}, "conduit", ""), ({"TWITCH_CLIENT_SECRET": ""}, "websocket", ""),
     ({"TWITCH_TRANSPORT": "websocket"}, "websocket", ""),
     ({"TWITCH_TRANSPORT": "conduit", "TWITCH_CLIENT_SECRET": ""}, "conduit", "TWITCH_CLIENT_SECRET"),
     ({"TWITCH_TRANSPORT": "webhook"}, "webhook", "TWITCH_PUBLIC_URL"),
     ({"TWITCH_TRANSPORT": "webhook", "PUBLIC_URL": "http://bot.example"}, "webhook", "TWITCH_PUBLIC_URL"),
     ({"TWITCH_TRANSPORT": "webhook", "PUBLIC_URL": "https://bot.example"}, "webhook", "")],
)  # fmt: skip
def test_the_transport_follows_from_what_the_application_has(settings: dict[str, str], way: str, lacks: str) -> None:
    known = {"TWITCH_CLIENT_ID": "c", "TWITCH_CLIENT_SECRET": "s", **environment("sqlite:///t.db"), **settings}
    config = Config.from_env(known)
    assert (config.way, lacks in config.lacks, bool(config.lacks)) == (way, True, bool(lacks))


def test_a_transport_that_there_is_not_is_refused() -> None:
    with pytest.raises(ConfigError, match="conduit, websocket, webhook"):
        Config.from_env({**environment("sqlite:///t.db"), "TWITCH_TRANSPORT": "pigeon"})


def parts(stream: Stream) -> tuple[AccountRepository, TwitchAuth]:
    """Another replica's likeness of the module."""
    service = stream.inst.services["twitch"]
    auth = TwitchAuth(service.http, f"{stream.twitch.url}/oauth2", "fake-client", "fake-client-secret")
    return AccountRepository(service.database, service.sealer), auth


@pytest.mark.promise("twitch.13")
async def test_two_replicas_renew_a_sign_in_once(stream: Stream) -> None:
    accounts, auth = parts(stream)
    account = await accounts.account("1337")
    assert account is not None
    soon = replace(account.tokens, expires_at=account.tokens.expires_at - timedelta(hours=4))
    await accounts.keep(replace(account, tokens=soon))
    replicas = [AccountTokens(accounts, auth, stream.inst.services["twitch"].shared) for _ in range(2)]
    before = stream.twitch.calls.count("POST /oauth2/token")
    first, second = await asyncio.gather(*(replica.get("1337") for replica in replicas))
    assert first == second != account.tokens.access
    assert stream.twitch.calls.count("POST /oauth2/token") == before + 1


@pytest.mark.promise("twitch.14")
async def test_a_refused_renewal_asks_for_a_new_sign_in_and_chat_is_read_on(stream: Stream) -> None:
    accounts, auth = parts(stream)
    stream.twitch.refuse_refresh = True
    account = await accounts.account("1337")
    assert account is not None
    tokens = AccountTokens(accounts, auth, stream.inst.services["twitch"].shared)
    with pytest.raises(Unauthenticated):
        await tokens.get("1337", not_this=account.tokens.access)
    assert (await stream.status()).accounts[0].state is twitch.AccountState.NEEDS_LOGIN
    assert (await stream.answer(stream.twitch.add_user("7", "eve"), "!ping")).startswith("Pong")


@pytest.mark.promise("twitch.22")
async def test_without_a_service_token_only_the_webhook_and_health_answer(stream: Stream) -> None:
    seen = 0
    for rule in stream.inst.app("twitch").url_map.iter_rules():
        for method in (rule.methods or set()) & {"GET", "POST", "PUT", "DELETE"}:
            if not rule.rule.startswith("/api/") or rule.rule == PATH:
                continue
            answer = await stream.web.open(re.sub("<[^>]+>", "1", rule.rule), method=method)
            assert answer.status_code == 401, (method, rule.rule)
            seen += 1
    assert seen > 15
    assert (await stream.web.get("/health")).status_code == 200
    assert (await stream.web.post("/api/v1/webhooks/eventsub")).status_code == 403


async def test_a_user_is_looked_up_by_login_or_id_and_remembered(stream: Stream) -> None:
    asked = twitch.UserQuery(login="@TestStreamer")
    facts = await stream.portal.client.call("twitch", twitch.USER, asked)
    assert (facts.id, facts.created_at.year) == ("1337", 2019)
    before = len(stream.twitch.calls)
    assert await stream.portal.client.call("twitch", twitch.USER, asked) == facts
    assert len(stream.twitch.calls) == before
    with pytest.raises(NotFound):
        await stream.portal.client.call("twitch", twitch.USER, twitch.UserQuery(id="404"))
    with pytest.raises(InvalidInput):
        await stream.portal.client.call("twitch", twitch.USER, twitch.UserQuery())


def test_the_gateway_hands_on_what_twitch_is_told_to_post_to() -> None:
    assert PATH in MODULE.public
