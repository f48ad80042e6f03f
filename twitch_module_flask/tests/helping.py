"""What tests of everything that is done on Twitch have in common: wishes of the router, bots, and rights."""

from __future__ import annotations

import asyncio
import itertools
from typing import Any

from flask_core.contracts.module import DELIVER, Deliveries, Delivery, DeliveryResult
from flask_core.contracts.twitch import GrantState, Pack
from flask_core.datamodels import Account, Action, Moderate
from flask_core.testing.fake_twitch import FakeUser
from twitch_module_flask.tests.conftest import Stream
from twitch_module_flask.viewing import Viewing
from twitch_module_flask.voices import Voice

HERE = "twitch:1337:1337"
_numbers = itertools.count(1)


async def deliver(stream: Stream, *deliveries: Delivery) -> list[DeliveryResult]:
    """What the router is told."""
    answer = await stream.inst.client("router").call("twitch", DELIVER, Deliveries(deliveries), timeout=20)
    return list(answer.results)


async def wish(stream: Stream, action: Action, **more: Any) -> DeliveryResult:
    """One wish of the router's, and what became of it."""
    number = next(_numbers)
    given = {"channel": HERE, "community_id": stream.community_id, "account": Account("77", "eve", "Eve"), **more}
    (result,) = await deliver(stream, Delivery(number, f"wish-{number}", action=action, **given))
    return result


def moderate(operation: Any, **more: Any) -> Moderate:
    """Something against Eve."""
    return Moderate(operation, **{"target": "77", **more})


def eve(stream: Stream) -> FakeUser:
    """Somebody in Ann's chat."""
    return stream.twitch.users.get("77") or stream.twitch.add_user("77", "eve")


def viewing(stream: Stream) -> Viewing:
    """What looks at streams by itself."""
    found: Viewing = stream.inst.services["twitch"]._background["streams"].__self__  # type: ignore[attr-defined]
    return found


async def voice(stream: Stream) -> Voice:
    """Who speaks in Ann's chat."""
    return await viewing(stream)._voices.of(HERE)


async def allow(stream: Stream, *packs: Pack) -> None:
    """Ann connects her channel once more, and allows more."""
    grant = await stream.start(expected_user_id=stream.ann.id, packs=packs)
    stream.twitch.approve(grant.user_code, stream.ann)
    assert (await stream.ended(grant)).state is GrantState.CONNECTED
    async with asyncio.timeout(10):
        while not _holds(await voice(stream), packs):  # noqa: ASYNC110 - what is remembered of accounts
            await asyncio.sleep(0.01)


async def add_bot(stream: Stream, *packs: Pack, moderates: bool = True) -> FakeUser:
    """The operator connects an account for the bot."""
    bot = stream.twitch.add_user("900", "waddlebot")
    if moderates:
        stream.twitch.moderators.add((stream.ann.id, bot.id))
    grant = await stream.start("bot", packs=packs)
    stream.twitch.approve(grant.user_code, bot)
    assert (await stream.ended(grant)).state is GrantState.CONNECTED
    async with asyncio.timeout(10):
        while (now := await voice(stream)).bot_id != bot.id or now.moderates != moderates:  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.01)
    return bot


def _holds(now: Voice, packs: tuple[Pack, ...]) -> bool:
    needs = {"whispers": "user:manage:whispers", "control": "clips:edit", "more": "channel:read:charity"}
    return all(needs[pack] in now.bot_scopes | now.streamer_scopes for pack in packs)
