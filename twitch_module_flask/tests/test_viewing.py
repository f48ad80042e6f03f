"""What is looked at without being told: whether a silent channel is live, and who watches for how long."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from flask_core.testing.installation import until
from twitch_module_flask.tests.conftest import Stream
from twitch_module_flask.tests.helping import add_bot, eve, viewing


class Later:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.time = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.time


async def test_a_silent_channel_is_looked_at(stream: Stream) -> None:
    eyes, now = viewing(stream), Later()
    eyes._now = now
    await stream.chat(eve(stream), "hello")
    stream.twitch.go_live("1337")
    await eyes.look_at_streams()
    assert not (await stream.status()).channels[0].live
    now.time += timedelta(minutes=6)
    await eyes.look_at_streams()
    assert (await stream.status()).channels[0].live
    stream.twitch.stop("1337")
    await eyes.look_at_streams()
    assert not (await stream.status()).channels[0].live


async def test_whoever_is_there_twice_in_a_row_has_watched_for_five_minutes(stream: Stream) -> None:
    bot = await add_bot(stream)
    eyes = viewing(stream)
    for user_id, login in (("77", "eve"), ("78", "mia"), ("79", "noah")):
        stream.twitch.add_user(user_id, login)
    about = {"broadcaster_user_id": "1337", "broadcaster_user_login": "teststreamer"}
    stream.twitch.go_live("1337")
    await stream.twitch.notify("stream.online", {**about, "id": "1", "type": "live"})
    heard = told(stream)
    stream.twitch.chatters["1337"] = {"77", "78", bot.id, "1337"}
    await eyes.look_at_chatters()
    assert heard == []
    stream.twitch.chatters["1337"] = {"77", "79", bot.id, "1337"}
    await eyes.look_at_chatters()
    assert heard == []
    await stream.inst.services["twitch"].shared.delete("twitch:chatters-turn:1337")
    await eyes.look_at_chatters()
    await until(lambda: heard)
    assert heard == [("77", 5)]


async def test_nobody_watches_what_is_not_live(stream: Stream) -> None:
    stream.twitch.chatters["1337"] = {"1337"}
    await viewing(stream).look_at_chatters()
    assert "GET /helix/chat/chatters" not in stream.twitch.calls


async def test_one_channel_that_fails_stops_nothing(stream: Stream) -> None:
    about = {"broadcaster_user_id": "1337", "broadcaster_user_login": "teststreamer"}
    await stream.twitch.notify("stream.online", {**about, "id": "1", "type": "live"})
    stream.twitch.fail_with = [500, 500, 500]
    await viewing(stream).look_at_chatters()
    assert "GET /helix/chat/chatters" in stream.twitch.calls


def told(stream: Stream) -> list[tuple[str, int | None]]:
    """Who is told to have watched, and for how long."""
    heard: list[tuple[str, int | None]] = []
    handover = viewing(stream)._handover
    original = handover.take

    async def take(event: object) -> None:
        heard.append((event.account.user_id, event.amount))  # type: ignore[attr-defined]
        await original(event)  # type: ignore[arg-type]

    handover.take = take  # type: ignore[method-assign, assignment]
    return heard
