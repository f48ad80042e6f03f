"""With whose voice the bot speaks in a channel, and how much it may say there."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from flask_core.errors import NotFound
from twitch_module_flask.account_repository import AccountRepository
from twitch_module_flask.models import ConnectedChannel, Standing

_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Voice:
    """The account that speaks in a channel; `budget` lines in half a minute."""

    broadcaster_id: str
    bot_id: str
    moderates: bool
    budget: int


class Voices:
    """All channels at once, at most half a minute old."""

    def __init__(
        self,
        accounts: AccountRepository,
        *,
        budget: int,
        plain_budget: int,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._accounts = accounts
        self._budget = budget
        self._plain_budget = plain_budget
        self._clock = clock
        self._voices: dict[str, Voice] = {}
        self._until = 0.0

    async def of(self, channel: str) -> Voice:
        """The voice for a channel key. Raises NotFound for a channel that is not connected."""
        if self._until <= self._clock():
            await self._read()
        voice = self._voices.get(channel)
        if voice is None:
            raise NotFound("This Twitch channel is not connected.")
        return voice

    def forget(self) -> None:
        """An account or channel changed."""
        self._until = 0.0

    async def _read(self) -> None:
        accounts = await self._accounts.standings()
        channels = await self._accounts.channels()
        self._voices = {channel.key: self._voice(channel, bot_for(channel, accounts)) for channel in channels}
        self._until = self._clock() + _SECONDS

    def _voice(self, channel: ConnectedChannel, bot_id: str) -> Voice:
        moderates = channel.bot_is_moderator or bot_id == channel.broadcaster_id
        return Voice(channel.broadcaster_id, bot_id, moderates, self._budget if moderates else self._plain_budget)


def bot_for(channel: ConnectedChannel, accounts: Sequence[Standing]) -> str:
    """The installation's bot account, or the streamer's own where there is none."""
    bots = (account.user_id for account in accounts if account.kind == "bot")
    return next(bots, channel.broadcaster_id)
