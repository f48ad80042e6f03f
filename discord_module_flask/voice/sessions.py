"""A member's time in voice: whole minutes come out, what is left over stays."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

import msgspec

from discord_module_flask.places import Guild
from flask_core.datamodels import Account

LONGEST_GAP = timedelta(minutes=5)
"""So much of a time in which nobody counted is counted."""
_SLACK = timedelta(seconds=15)


class VoiceSession(msgspec.Struct):
    """`remainder` seconds are counted and not told; `pending` minutes belong to the slice that is being told."""

    id: str
    guild_id: str
    account: Account
    channel_id: str
    counted_at: datetime
    slice: int = 0
    remainder: int = 0
    pending: int = 0

    def advance(self, guild: Guild, now: datetime, excluded: Collection[str] = ()) -> None:
        """Count up to now, if the time counts as the guild is."""
        gap = now - self.counted_at
        gap = gap if gap <= LONGEST_GAP + _SLACK else LONGEST_GAP
        seconds = max(0, int(gap.total_seconds()))
        if gap != now - self.counted_at:
            self.counted_at = now
        else:
            # What is less than a second counts next time.
            self.counted_at += timedelta(seconds=seconds)
        if counts(guild, self.account.user_id, excluded):
            self.remainder += seconds

    def cut(self) -> bool:
        """Make a slice of the whole minutes; whether there is one to tell."""
        if not self.pending:
            self.pending, self.remainder = divmod(self.remainder, 60)
        return self.pending > 0

    def told(self) -> None:
        """The router has the slice."""
        self.pending, self.slice = 0, self.slice + 1


def counts(guild: Guild, user_id: str, excluded: Collection[str] = ()) -> bool:
    """Whether somebody's time counts: not away, not deaf, not in an excluded channel, and another human is there."""
    voice = guild.voices.get(user_id)
    if voice is None or voice.channel in excluded or voice.deaf or voice.bot or voice.channel == guild.afk_channel:
        return False
    return sum(other.channel == voice.channel and not other.bot for other in guild.voices.values()) > 1
