"""With whose voice the bot speaks in a channel, and how much it may say there."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from flask_core.contracts.twitch import ReplyStyle
from flask_core.errors import NotFound
from flask_core.remembered import Remembered
from twitch_module_flask.account_repository import AccountRepository
from twitch_module_flask.models import ConnectedChannel, Standing
from twitch_module_flask.scopes import usable

_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Voice:
    """The account that speaks in a channel; `budget` lines in half a minute, counted under `budget_key`."""

    broadcaster_id: str
    bot_id: str
    moderates: bool
    budget: int
    login: str = ""
    community_id: int = 0
    bot_login: str = ""
    bot_scopes: frozenset[str] = frozenset()
    streamer_scopes: frozenset[str] = frozenset()
    budget_key: str = ""
    parts: int = 3
    reply_style: ReplyStyle = "reply"

    @property
    def has_bot(self) -> bool:
        """Whether another account than the streamer's own speaks."""
        return self.bot_id != self.broadcaster_id


class Voices:
    """All channels at once, at most half a minute old."""

    def __init__(
        self,
        accounts: AccountRepository,
        *,
        budget: int,
        plain_budget: int,
        per_channel: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._accounts = accounts
        self._budget = budget
        self._plain_budget = plain_budget
        self._per_channel = per_channel
        self._all = Remembered(self._read, _SECONDS, clock)

    async def of(self, channel: str) -> Voice:
        """The voice for a channel key. Raises NotFound for a channel that is not connected."""
        voice = (await self._all.get()).get(channel)
        if voice is None:
            raise NotFound("This Twitch channel is not connected.")
        return voice

    async def whispering(self, community_id: int) -> Voice:
        """Who whispers for a community: the bot, or else one of its streamers. Raises NotFound where nobody can."""
        voices = (await self._all.get()).values()
        ours = (voice for voice in voices if voice.community_id == community_id)
        voice = next(ours, None) or next((voice for voice in voices if voice.has_bot), None)
        if voice is None:
            raise NotFound("No Twitch account of ours can whisper here.")
        return voice

    def forget(self) -> None:
        """An account or channel changed."""
        self._all.forget()

    async def _read(self) -> dict[str, Voice]:
        accounts = {account.user_id: account for account in await self._accounts.standings()}
        channels = await self._accounts.channels()
        everybody = list(accounts.values())
        return {channel.key: self._voice(channel, bot_for(channel, everybody), accounts) for channel in channels}

    def _voice(self, channel: ConnectedChannel, bot_id: str, accounts: dict[str, Standing]) -> Voice:
        moderates = channel.bot_is_moderator or bot_id == channel.broadcaster_id
        bot, streamer = accounts.get(bot_id), accounts.get(channel.broadcaster_id)
        where = f"{bot_id}:{channel.broadcaster_id}" if self._per_channel else bot_id
        return Voice(
            channel.broadcaster_id,
            bot_id,
            moderates,
            self._budget if moderates else self._plain_budget,
            login=channel.login,
            community_id=channel.community_id,
            bot_login=bot.login if bot else "",
            bot_scopes=usable(bot.scopes, channel.packs) if bot else frozenset(),
            streamer_scopes=usable(streamer.scopes, channel.packs) if streamer else frozenset(),
            budget_key=f"twitch:budget:{where}:{'moderates' if moderates else 'plain'}",
            parts=channel.parts,
            reply_style=channel.reply_style,
        )


def bot_for(channel: ConnectedChannel, accounts: Sequence[Standing]) -> str:
    """The bot that was chosen, else the community's own, else the installation's, else the streamer's own account."""
    bots = [one for one in accounts if one.kind == "bot" and one.community_id in {0, channel.community_id}]
    if any(one.user_id == channel.bot_user_id for one in bots):
        return channel.bot_user_id
    # A streamer who chose their own voice keeps it, bot or not.
    if channel.bot_user_id == channel.broadcaster_id:
        return channel.broadcaster_id
    first = sorted(bots, key=lambda one: one.community_id == 0)
    return first[0].user_id if first else channel.broadcaster_id
