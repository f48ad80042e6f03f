"""A channel is connected on a way to Twitch and back, in the browser that set out and in no other."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import msgspec
import pytest
import pytest_asyncio

from flask_core.contracts import twitch
from flask_core.errors import Conflict, Gone, InvalidInput, ServiceError
from flask_core.testing.fake_twitch import FakeUser
from twitch_module_flask.tests.conftest import Stream, streaming

State = twitch.GrantState
PORTAL = "https://bot.example"


@pytest_asyncio.fixture
async def public(tmp_path: Path) -> AsyncIterator[Stream]:
    """Nothing is connected, and browsers reach the portal from everywhere."""
    async with streaming(f"sqlite://{tmp_path}/t.db", PUBLIC_URL=PORTAL) as made:
        yield made


async def set_out(stream: Stream, **more: str) -> twitch.Grant:
    """Ann presses connect; the address at Twitch to which she is led."""
    asked = twitch.StartGrant("broadcaster", stream.community_id, session="session-ann", **more)
    return await stream.portal.client.call("twitch", twitch.START_REDIRECT, asked, acting=stream.owner)


def brought(stream: Stream, grant: twitch.Grant, who: FakeUser, **more: str) -> twitch.FinishGrant:
    """What her browser brings back, once she has answered there as `who`."""
    query = parse_qs(urlsplit(stream.twitch.go(grant.authorize_url, who, **more)).query)
    given = {name: values[0] for name, values in query.items()}
    return twitch.FinishGrant(given["state"], "session-ann", given.get("code", ""), given.get("error", ""))


async def finish(stream: Stream, asked: twitch.FinishGrant) -> twitch.Grant:
    """The portal hands it on."""
    return await stream.portal.client.call("twitch", twitch.FINISH_GRANT, asked, acting=stream.owner)


async def test_who_comes_back_with_a_yes_has_connected_the_channel(public: Stream) -> None:
    assert (await public.status()).can_redirect
    grant = await set_out(public)
    asked = parse_qs(urlsplit(grant.authorize_url).query)
    assert asked["redirect_uri"] == [f"{PORTAL}/connect/twitch/callback"]
    assert len(asked["state"][0]) >= 43  # 32 random bytes
    assert "channel:bot" in asked["scope"][0]
    assert "channel:manage:broadcast" not in asked["scope"][0]
    ended = await finish(public, brought(public, grant, public.ann))
    assert (ended.state, ended.login, ended.community_id) == (State.CONNECTED, "teststreamer", public.community_id)
    assert [one.login for one in (await public.status()).accounts] == ["teststreamer"]


async def test_a_state_works_once_and_in_its_own_session(public: Stream) -> None:
    grant = await set_out(public)
    asked = brought(public, grant, public.ann)
    with pytest.raises(InvalidInput, match="not begun in this browser"):
        await finish(public, msgspec.structs.replace(asked, session="session-eve"))
    with pytest.raises(InvalidInput):
        await finish(public, asked)
    grant = await set_out(public)
    asked = brought(public, grant, public.ann)
    await finish(public, asked)
    with pytest.raises(InvalidInput):
        await finish(public, asked)
    with pytest.raises(InvalidInput):
        await finish(public, twitch.FinishGrant("", "session-ann", "code"))


async def test_whoever_took_more_than_ten_minutes_begins_again(public: Stream) -> None:
    grant = await set_out(public)
    database = public.inst.services["twitch"].database
    past = grant.expires_at - timedelta(minutes=11)
    await database.write(lambda tx: tx.run("UPDATE grants SET expires_at = ? WHERE id = ?", past, grant.id))
    with pytest.raises(Gone, match="ten minutes"):
        await finish(public, brought(public, grant, public.ann))
    assert (await public.grant(grant)).state is State.EXPIRED
    assert not (await public.status()).accounts


@pytest.mark.promise("twitch.16")
async def test_coming_back_as_somebody_else_is_a_conflict_that_keeps_nothing(public: Stream) -> None:
    grant = await set_out(public, expected_user_id="1337")
    with pytest.raises(Conflict, match="mallory, another account"):
        await finish(public, brought(public, grant, public.twitch.add_user("66", "mallory")))
    assert (await public.grant(grant)).state is State.WRONG_ACCOUNT
    assert not (await public.status()).accounts
    assert not any(token.alive for token in public.twitch.tokens.values() if token.user)


async def test_a_no_at_twitch_is_told_as_one(public: Stream) -> None:
    grant = await set_out(public)
    ended = await finish(public, brought(public, grant, public.ann, answer="no"))
    assert (ended.state, ended.reason) == (State.DENIED, "You said no at Twitch.")


async def test_a_twitch_that_knows_no_verifiers_is_asked_without(public: Stream) -> None:
    public.twitch.knows_pkce = False
    grant = await set_out(public)
    assert (await finish(public, brought(public, grant, public.ann))).state is State.CONNECTED


async def test_a_made_up_code_ends_the_way(public: Stream) -> None:
    grant = await set_out(public)
    asked = brought(public, grant, public.ann)
    with pytest.raises(ServiceError):
        await finish(public, msgspec.structs.replace(asked, code="made-up"))
    assert (await public.grant(grant)).state is State.FAILED


async def test_without_a_public_portal_nobody_can_come_back(unconnected: Stream) -> None:
    assert not (await unconnected.status()).can_redirect
    with pytest.raises(Conflict, match="PUBLIC_URL"):
        await set_out(unconnected)
