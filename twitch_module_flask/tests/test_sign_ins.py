"""Sign-ins stay alive by themselves; when one cannot, its owner is told once, and nothing else stops."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from flask_core.contracts import notices, twitch
from flask_core.operations import Caller
from flask_core.testing.installation import until
from twitch_module_flask.account_repository import AccountRepository
from twitch_module_flask.own_secrets import SigningSecret
from twitch_module_flask.tests.conftest import Stream, streaming
from twitch_module_flask.tests.test_packs import connect_bot
from twitch_module_flask.upkeep import Upkeep


def upkeep(stream: Stream) -> Upkeep:
    """The module's own rounds."""
    made: Upkeep = stream.inst.services["twitch"]._background["sign-ins"].__self__  # type: ignore[attr-defined]
    return made


def told_by(stream: Stream) -> tuple[list[notices.PutNotice], list[str]]:
    """What the portal is told from now on, and what it is told to be over."""
    told: list[notices.PutNotice] = []
    over: list[str] = []

    @stream.portal.offers(notices.NOTIFY)
    async def notify(asked: notices.PutNotice, _: Caller) -> notices.Notice:
        told.append(asked)
        return notices.Notice(len(told), asked.text, asked.link, datetime.now(UTC), True)

    @stream.portal.offers(notices.RESOLVE)
    async def resolve(asked: notices.NoticeAbout, _: Caller) -> None:
        over.append(asked.about)

    return told, over


@pytest.mark.promise("twitch.14")
async def test_the_owner_of_a_lost_sign_in_is_told_once_and_chat_is_read_on(stream: Stream) -> None:
    told, over = told_by(stream)
    stream.twitch.refuse_refresh = True
    for token in stream.twitch.tokens.values():
        token.alive = token.alive and token.user is None
    service = stream.inst.services["twitch"]
    accounts = AccountRepository(service.database, service.sealer)
    await accounts.validate_soon("1337")
    await upkeep(stream).look_after_accounts()
    await until(lambda: told, "word to the owner")
    await upkeep(stream).look_after_accounts()
    await upkeep(stream).look_after_accounts()
    assert [(one.person_id, one.community_id, one.trouble_on) for one in told] == [
        ("person-ann", stream.community_id, "twitch")
    ]  # fmt: skip
    assert "teststreamer has to be connected again" in told[0].text
    assert told[0].link == f"/c/{stream.community_id}/platforms/twitch"
    account = (await stream.status()).accounts[0]
    assert account.state is twitch.AccountState.NEEDS_LOGIN
    assert (await stream.answer(stream.twitch.add_user("7", "eve"), "!ping")).startswith("Pong")
    stream.twitch.refuse_refresh = False
    grant = await stream.start(expected_user_id="1337")
    stream.twitch.approve(grant.user_code, stream.ann)
    await stream.ended(grant)
    await until(lambda: "sign-in:1337" in over, "the end of it")


async def test_a_sign_in_that_is_not_used_is_renewed_every_week(stream: Stream) -> None:
    service = stream.inst.services["twitch"]
    accounts = AccountRepository(service.database, service.sealer)
    account = await accounts.account("1337")
    assert account is not None
    far = replace(account.tokens, expires_at=datetime.now(UTC) + timedelta(days=50))
    await accounts.keep(replace(account, tokens=far, refreshed_at=datetime.now(UTC) - timedelta(days=6)))
    await upkeep(stream).look_after_accounts()
    kept = await accounts.account("1337")
    assert kept is not None
    assert kept.tokens.access == account.tokens.access
    await accounts.keep(replace(account, tokens=far, refreshed_at=datetime.now(UTC) - timedelta(days=8)))
    await upkeep(stream).look_after_accounts()
    kept = await accounts.account("1337")
    assert kept is not None
    assert kept.tokens.access != account.tokens.access


async def test_a_bot_that_moderates_no_more_is_told_of(stream: Stream) -> None:
    told, over = told_by(stream)
    stream.twitch.moderators |= {("1337", "90"), ("500", "90"), ("501", "90")}
    await connect_bot(stream, "90", "waddles")
    await stream.shows(lambda status: status.channels[0].bot_is_moderator)
    assert "GET /helix/moderation/channels" in stream.twitch.calls
    assert not told
    stream.twitch.moderators.discard(("1337", "90"))
    rounds = upkeep(stream)._subscriptions
    await rounds.reconcile()
    assert "waddles is no longer moderator of teststreamer" in told[-1].text
    assert [one.reply_style for one in (await stream.status()).channels] == ["reply"]
    stream.twitch.moderators.add(("1337", "90"))
    await rounds.reconcile()
    assert over[-1] == "moderator:1337"


@pytest.mark.promise("twitch.21")
async def test_a_revoked_sign_in_ends_what_it_gave_and_the_tile_says_why(stream: Stream) -> None:
    told, _ = told_by(stream)
    await stream.twitch.notify(
        "user.authorization.revoke",
        {"client_id": "fake-client", "user_id": "1337", "user_login": "teststreamer", "user_name": "Teststreamer"},
    )
    await until(lambda: told, "word to the owner")
    kinds = [one["type"] for one in stream.enabled]
    stream.twitch.refuses = dict.fromkeys(kinds, 403)
    for kind in kinds:
        await stream.twitch.revoke(kind, "authorization_revoked")
    for token in stream.twitch.tokens.values():
        token.alive = token.alive and token.user is None
    asked = stream.twitch.calls.count("POST /helix/eventsub/subscriptions")
    await upkeep(stream)._subscriptions.reconcile()
    assert stream.twitch.calls.count("POST /helix/eventsub/subscriptions") == asked
    status = await stream.status()
    channel = status.channels[0]
    assert status.accounts[0].state is twitch.AccountState.NEEDS_LOGIN
    assert "took our rights at Twitch back" in status.reason
    assert (channel.reading, channel.enabled, len(channel.failed) == channel.wanted) == (False, 0, True)
    service = stream.inst.services["twitch"]
    account = await AccountRepository(service.database, service.sealer).account("1337")
    assert account is not None
    assert (account.tokens.access, account.tokens.refresh) == ("", "")


async def test_the_secret_that_signs_is_made_up_once_for_all_replicas(tmp_path: Path) -> None:
    async with streaming(f"sqlite://{tmp_path}/a.db", TWITCH_EVENTSUB_SECRET="") as stream:
        service = stream.inst.services["twitch"]
        first, second = (SigningSecret(service.database, service.sealer, "") for _ in range(2))
        secret = await first.get()
        assert await second.get() == await first.get() == secret
        assert len(secret) == 64
        assert await SigningSecret(service.database, service.sealer, "chosen by hand").get() == "chosen by hand"
        grant = await stream.start()
        stream.twitch.approve(grant.user_code, stream.ann)
        await stream.ended(grant)
        await until(lambda: stream.enabled, "a challenge that was answered")
        assert {one["secret"] for one in stream.enabled} == {secret}
