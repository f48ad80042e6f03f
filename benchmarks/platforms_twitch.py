"""`make bench-platforms`: a thousand Twitch channels on one replica: how soon it hears them, and what it keeps."""

from __future__ import annotations

import asyncio
import itertools
import os
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

from benchmarks.report import Report
from benchmarks.town import Town, known_modules, town
from flask_core.auth import utc_now
from flask_core.contracts import community
from flask_core.contracts.twitch import Kind
from flask_core.database import AsyncDAL
from flask_core.encryption import Sealer
from flask_core.testing.fake_twitch import FakeTwitch, FakeUser, chat_message
from twitch_module_flask.account_repository import AccountRepository
from twitch_module_flask.chat_lines import CHAT
from twitch_module_flask.eventsub.wanted import WANTED
from twitch_module_flask.models import ConnectedAccount, ConnectedChannel, Tokens, channel_key
from twitch_module_flask.scopes import scopes_for

CHANNELS = int(os.environ.get("CHANNELS", "1000"))
LINES_PER_S = int(os.environ.get("LINES_PER_S", "100"))
WARM_UP, STEADY = (float(os.environ.get(name, said)) for name, said in (("WARM_UP", "60"), ("STEADY_SECONDS", "180")))
_PATIENCE, _SAMPLE_EVERY = 600.0, 5.0
_SETTINGS = {"TWITCH_TRANSPORT": "auto", "TWITCH_PUBLIC_URL": "", "MAX_CLAIMS": "5"}


async def measure(report: Report) -> None:
    """Begin with nothing asked for, begin again with everything there, then listen for minutes."""
    async with town(["router", "community", "twitch"], **_SETTINGS) as place:
        await known_modules(place.client("portal"), "twitch")
        program = place.programs["twitch"]
        program.end()
        await _connect_all(place)
        report.say("twitch_1000_channels_start_s", await _begins(place))
        program.end()
        report.say("twitch_1000_channels_restart_s", await _begins(place))
        await _speak(place, WARM_UP)
        began = program.resident_kb()
        samples = await _speak(place, STEADY, lambda: float(program.resident_kb()))
        report.say("twitch_1000_channels_rss_mb", began / 1024)
        report.say("twitch_rss_growth_mb_per_hour", _slope(samples) * 3_600 / 1024)
        report.say("twitch_lines_lost", len(place.twitch.lost))


async def _connect_all(place: Town) -> None:
    """As if people had connected them: accounts with tokens that hold, channels, their community."""
    values, place.twitch.most_per_page = place.programs["twitch"].environment, 100
    database = AsyncDAL(values["DATABASE_URL"], schema="twitch")
    bot = place.twitch.add_user("9000", "waddlebot")
    async with database.connected():
        accounts = AccountRepository(database, Sealer(values["WADDLEBOT_ENCRYPTION_KEYS"]))
        await accounts.keep(_account(place.twitch, bot, "bot", 0))
        for number in range(CHANNELS):
            user = place.twitch.add_user(str(100_000 + number), f"streamer{number}")
            place.twitch.moderators.add((user.id, bot.id))
            place.channels.append(user)
            await accounts.keep(_account(place.twitch, user, "broadcaster", place.community_id))
            await accounts.keep_channel(ConnectedChannel(user.id, user.login, place.community_id))
    client = place.client("twitch")
    for user in place.channels:
        attach = community.AttachChannel(place.community_id, channel_key(user.id), user.login)
        await client.call("community", community.ATTACH, attach, timeout=_PATIENCE)


def _account(twitch: FakeTwitch, user: FakeUser, kind: Kind, community_id: int) -> ConnectedAccount:
    scopes = scopes_for(kind, is_the_bot=False)
    issued = twitch.issue(user, list(scopes))
    until = utc_now() + timedelta(hours=4)
    tokens = Tokens(issued["access_token"], issued["refresh_token"], until, scopes)
    return ConnectedAccount(user.id, user.login, kind, community_id, tokens, utc_now())


async def _begins(place: Town) -> float:
    """Seconds from the start of the process until every channel is told of and every shard is read."""
    shards_before = {one for conduit in place.twitch.conduits.values() for one in conduit.shards.values()}
    began = time.perf_counter()
    await asyncio.to_thread(place.programs["twitch"].start)
    async with asyncio.timeout(_PATIENCE):
        while not _hears_all(place.twitch, shards_before):  # noqa: ASYNC110 - Twitch tells nobody
            await asyncio.sleep(0.25)
    return time.perf_counter() - began


def _hears_all(twitch: FakeTwitch, before: set[str]) -> bool:
    conduit = next(iter(twitch.conduits.values()), None)
    if conduit is None or len(twitch.subscriptions) < CHANNELS * len(WANTED):
        return False
    return len(conduit.shards) == conduit.shard_count and before.isdisjoint(conduit.shards.values())


async def _speak(place: Town, seconds: float, look: Callable[[], float] | None = None) -> list[tuple[float, float]]:
    """Lines in all channels by turns; what `look` saw, with the second at which it did."""
    told = {one["condition"]["broadcaster_user_id"]: one for one in _chat(place.twitch)}
    viewers = [place.twitch.add_user(str(200_000 + number), f"viewer{number}") for number in range(200)]
    samples: list[tuple[float, float]] = []
    began, sampled = time.perf_counter(), 0.0
    for number in itertools.count():
        now = time.perf_counter() - began
        if now >= seconds:
            return samples
        if look is not None and now >= sampled:
            samples.append((now, look()))
            sampled += _SAMPLE_EVERY
        channel = place.channels[number % len(place.channels)]
        line = chat_message(channel, viewers[number % len(viewers)], f"line {number}")
        await place.twitch.deliver(told[channel.id], line)
        await asyncio.sleep(max(0.0, (number + 1) / LINES_PER_S - (time.perf_counter() - began)))
    raise AssertionError("the count never ends")


def _chat(twitch: FakeTwitch) -> Iterator[dict[str, Any]]:
    return (one for one in twitch.subscriptions.values() if one["type"] == CHAT)


def _slope(samples: list[tuple[float, float]]) -> float:
    """What is added per second, by the line that fits all samples best."""
    times, values = [at for at, _ in samples], [value for _, value in samples]
    middle, mean = sum(times) / len(times), sum(values) / len(values)
    spread = sum((at - middle) ** 2 for at in times)
    return sum((at - middle) * (value - mean) for at, value in samples) / spread


async def main() -> None:
    """Measure, and write it down."""
    report = Report("bench-platforms")
    await measure(report)
    report.write()


if __name__ == "__main__":
    asyncio.run(main())
