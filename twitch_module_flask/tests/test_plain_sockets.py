"""An application without a secret: chat over plain WebSockets with people's own tokens."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from flask_core.contracts import twitch
from flask_core.errors import Unauthenticated
from flask_core.testing.installation import until
from twitch_module_flask.eventsub.models import Full, Wanted
from twitch_module_flask.eventsub.plain import MOST_PER_SOCKET, MOST_SOCKETS, Plain
from twitch_module_flask.eventsub.wanted import OF_THE_BOT, WANTED
from twitch_module_flask.tests.conftest import Stream, streaming


@pytest_asyncio.fixture
async def stream(tmp_path: Path) -> AsyncIterator[Stream]:
    async with streaming(f"sqlite://{tmp_path}/t.db", TWITCH_TRANSPORT="auto", TWITCH_CLIENT_SECRET="") as made:
        await made.connect()
        yield made


def plain_of(stream: Stream) -> Plain:
    claims = stream.inst.services["twitch"]._background["claims"].__self__  # type: ignore[attr-defined]
    plain: Plain = claims._work
    return plain


async def test_without_a_secret_chat_is_read_and_answered_over_one_socket(stream: Stream) -> None:
    assert (await stream.answer(stream.twitch.add_user("7", "eve"), "!ping")).startswith("Pong")
    assert stream.twitch.said[-1]["by"] == "teststreamer"
    assert {one["transport"]["method"] for one in stream.twitch.subscriptions.values()} == {"websocket"}
    assert len(stream.twitch.sockets.open) == 1
    status = await stream.status()
    assert (status.transport, status.reason, status.channels[0].enabled) == ("websocket", "", len(WANTED))


@pytest.mark.promise("twitch.10")
async def test_without_the_applications_token_a_line_is_sent_without_what_only_it_may_ask_for(stream: Stream) -> None:
    await stream.answer(stream.twitch.add_user("7", "eve"), "!ping")
    assert "for_source_only" not in stream.twitch.said[-1]


async def test_a_bot_account_gets_a_socket_of_its_own_and_the_tile_says_how_many_channels_it_takes(
    stream: Stream,
) -> None:
    bot = stream.twitch.add_user("900", "waddlebot")
    grant = await stream.start("bot")
    stream.twitch.approve(grant.user_code, bot)
    await stream.ended(grant)
    of_the_bot = lambda: {one["type"] for one in stream.twitch.subscriptions.values() if one["owner"] == "900"}  # noqa: E731
    await until(lambda: of_the_bot() == OF_THE_BOT - {"channel.warning.send"}, "chat over the bot's socket")
    status = await stream.shows(lambda status: status.channels[0].enabled == len(WANTED))
    assert status.room == (MOST_SOCKETS * MOST_PER_SOCKET - 3) // 3
    assert len(stream.twitch.sockets.open) == 2
    await until(
        lambda: OF_THE_BOT.isdisjoint(one["type"] for one in stream.enabled if one["owner"] == "1337"), "the old to end"
    )


@pytest.mark.promise("twitch.7")
async def test_a_socket_that_was_lost_gets_everything_again(stream: Stream) -> None:
    old = next(iter(stream.twitch.sockets.open))
    await stream.twitch.sockets.close(4003)
    for one in [one for one in stream.twitch.subscriptions.values() if one["transport"]["session_id"] == old]:
        del stream.twitch.subscriptions[one["id"]]
    await until(lambda: len(stream.enabled) == len(WANTED), "everything on the new socket")
    assert (await stream.answer(stream.twitch.add_user("7", "eve"), "!ping")).startswith("Pong")


async def test_a_disconnected_channels_socket_is_closed(stream: Stream) -> None:
    of = twitch.AccountOf("1337", stream.community_id)
    await stream.portal.client.call("twitch", twitch.DISCONNECT, of, acting=stream.owner)
    await until(lambda: not stream.twitch.sockets.open, "the end of the socket")
    assert stream.twitch.subscriptions == {}


async def test_an_account_has_three_sockets_of_three_hundred_and_no_more(stream: Stream) -> None:
    plain = plain_of(stream)
    for number in range(MOST_SOCKETS * MOST_PER_SOCKET - len(WANTED)):
        wanted = Wanted(str(number), "stream.online", "1", (("broadcaster_user_id", str(number)),), "1337")
        await plain.place(wanted)
    with pytest.raises(Full):
        await plain.place(Wanted("x", "stream.online", "1", (("broadcaster_user_id", "x"),), "1337"))
    assert len(stream.twitch.sockets.open) == MOST_SOCKETS


async def test_an_account_that_has_to_sign_in_again_opens_nothing(stream: Stream) -> None:
    plain = plain_of(stream)
    stream.twitch.refuse_refresh = True
    stream.twitch.end_token(next(iter(token for token, one in stream.twitch.tokens.items() if one.user)))
    await plain._accounts.set_state("1337", twitch.AccountState.NEEDS_LOGIN, "Sign in again.")
    assert await plain.ready()
    with pytest.raises(Unauthenticated, match="Sign in again"):
        await plain.place(Wanted("x", "stream.online", "1", (("broadcaster_user_id", "x"),), "1337"))


async def test_anybody_may_be_looked_up_with_some_accounts_token(stream: Stream) -> None:
    facts = await stream.portal.client.call("twitch", twitch.USER, twitch.UserQuery(login="teststreamer"))
    assert facts.id == "1337"
