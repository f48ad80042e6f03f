"""Looks at streams by itself: whether they are live when Twitch tells nothing, and who watches them."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from itertools import batched

import msgspec

from flask_core.auth import utc_now
from flask_core.datamodels import Account, Event, MessageType
from flask_core.errors import ServiceError
from flask_core.handover import Handover
from flask_core.shared_state import SharedState
from twitch_module_flask.account_repository import AccountRepository
from twitch_module_flask.channel_watch import ChannelWatch
from twitch_module_flask.doing.calls import Calls, refused
from twitch_module_flask.doing.rights import CHATTERS
from twitch_module_flask.helix import ANYBODY, Helix, data_of
from twitch_module_flask.models import ConnectedChannel
from twitch_module_flask.voices import Voice, Voices

log = logging.getLogger(__name__)

LOOK_SECONDS = 60.0
SILENCE = timedelta(minutes=5)
CHATTERS_MINUTES = 5
_TURN_SECONDS, _TWICE_SECONDS = CHATTERS_MINUTES * 60 - 10.0, CHATTERS_MINUTES * 60 * 2 + 50.0
_LEASE_SECONDS = 55.0
_AT_ONCE, _PAGE, _MOST_PAGES = 100, "1000", 50
_BAD = 400
_chatters = msgspec.json.Decoder(list[str])


class Viewing:
    """One replica looks at a time; a channel that fails holds up no other."""

    def __init__(
        self,
        accounts: AccountRepository,
        watch: ChannelWatch,
        helix: Helix,
        calls: Calls,
        voices: Voices,
        handover: Handover,
        shared: SharedState,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._accounts = accounts
        self._watch = watch
        self._helix = helix
        self._calls = calls
        self._voices = voices
        self._handover = handover
        self._shared = shared
        self._now = now
        self._owner = secrets.token_hex(8)

    async def look(self) -> None:
        """For ever: once a minute."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            await self._carefully("streams", self._look_once)

    async def _look_once(self) -> None:
        if await self._shared.lease("twitch:viewing", self._owner, _LEASE_SECONDS):
            await self.look_at_streams()
            await self.look_at_chatters()

    async def look_at_streams(self) -> None:
        """Which channels are live, where nothing was heard for five minutes: Twitch's list lags behind its events."""
        channels = await self._accounts.channels()
        silent = [channel for channel in channels if await self._silent(channel)]
        for some in batched(silent, _AT_ONCE, strict=False):
            ids = [one.broadcaster_id for one in some]
            answer = await self._helix.call("GET", "/streams", ANYBODY, params={"user_id": ids, "first": "100"})
            live = {str(one["user_id"]) for one in data_of(answer)}
            for channel in some:
                if channel.live != (channel.broadcaster_id in live):
                    await self._accounts.set_live(channel.broadcaster_id, not channel.live, self._now())

    async def _silent(self, channel: ConnectedChannel) -> bool:
        heard = await self._watch.last_heard(channel.broadcaster_id)
        return heard is None or self._now() - heard > SILENCE

    async def look_at_chatters(self) -> None:
        """Who is in the chat of each live channel whose turn it is; five minutes for who was there last time, too."""
        for channel in await self._accounts.channels():
            if channel.live:
                await self._carefully(channel.login, lambda one=channel: self._look_into(one))  # type: ignore[misc]

    async def _look_into(self, channel: ConnectedChannel) -> None:
        voice = await self._voices.of(channel.key)
        if not voice.moderates or CHATTERS.scope not in voice.bot_scopes:
            return
        if not await self._shared.claim_once(f"twitch:chatters-turn:{channel.broadcaster_id}", _TURN_SECONDS):
            return
        there = await self._chatters(voice)
        key = f"twitch:chatters:{channel.broadcaster_id}"
        before = await self._shared.get(key)
        await self._shared.set(key, msgspec.json.encode([one.user_id for one in there]), _TWICE_SECONDS)
        known = frozenset(_chatters.decode(before)) if before else frozenset()
        ours = await self._accounts.bots() | {channel.broadcaster_id}
        await self._tell(channel, [one for one in there if one.user_id in known and one.user_id not in ours])

    async def _tell(self, channel: ConnectedChannel, there: Sequence[Account]) -> None:
        now = self._now()
        for some in batched(there, _AT_ONCE, strict=False):
            await asyncio.gather(*(self._handover.take(_watched(channel, one, now)) for one in some))

    async def _chatters(self, voice: Voice) -> list[Account]:
        found: list[Account] = []
        about = {"broadcaster_id": voice.broadcaster_id, "moderator_id": voice.bot_id, "first": _PAGE}
        for _ in range(_MOST_PAGES):
            answer = await self._calls.make(CHATTERS, voice, "GET", params=about)
            if answer.status_code >= _BAD:
                raise refused(answer)
            found += [Account(str(one["user_id"]), one["user_login"], one["user_name"]) for one in data_of(answer)]
            cursor = msgspec.json.decode(answer.content).get("pagination", {}).get("cursor", "")
            if not cursor:
                break
            about["after"] = cursor
        return found

    async def _carefully(self, what: str, work: Callable[[], Awaitable[None]]) -> None:
        try:
            await work()
        except ServiceError as error:
            log.warning("%s cannot be looked at: %s", what, error.message)


def _watched(channel: ConnectedChannel, account: Account, now: datetime) -> Event:
    """The same for the same minute, however often it is told."""
    return Event(
        event_id=f"twitch:watch:{channel.broadcaster_id}:{account.user_id}:{int(now.timestamp()) // 60}",
        message_type=MessageType.WATCH_TIME,
        channel=channel.key,
        occurred_at=now,
        account=account,
        amount=CHATTERS_MINUTES,
    )
