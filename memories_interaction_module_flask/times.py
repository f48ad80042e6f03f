"""Reads times in a community's words, and writes them so that everybody sees their own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time
from zoneinfo import ZoneInfo

from flask_core.community_settings import CommunitySettings
from flask_core.errors import InvalidInput
from flask_core.time_tokens import time_token
from flask_core.when import Recurring, When, describe, in_words, parse_when, recurring, split_when
from memories_interaction_module_flask.config import CommunityChoices
from memories_interaction_module_flask.models import Reminder


@dataclass(frozen=True, slots=True)
class Place:
    """Where words are read: the community with its zone and locale."""

    community_id: int
    zone: ZoneInfo
    locale: str = "en"


@dataclass(frozen=True, slots=True)
class Times:
    """A day without a clock means the community's usual one."""

    settings: CommunitySettings[CommunityChoices]

    async def read(self, words: str, place: Place, now: datetime) -> When:
        """The time that all words mean; raises WhenError with the place of the first that was not understood."""
        clock = await self._clock(place)
        return parse_when(words, now=now, zone=place.zone, locale=place.locale, default_clock=clock)

    async def split(self, line: str, place: Place, now: datetime) -> tuple[When, str]:
        """The time in a line, and the text beside it."""
        clock = await self._clock(place)
        return split_when(line, now=now, zone=place.zone, locale=place.locale, default_clock=clock)

    async def rule(self, rrule: str, clock: str, place: Place, now: datetime) -> Recurring:
        """A rule as a form sends it, at `clock` (18:30) or the usual time."""
        wall = clock_of(clock) if clock else await self._clock(place)
        return recurring(rrule, wall=wall, zone=place.zone, now=now)

    async def _clock(self, place: Place) -> time:
        choices, _ = await self.settings.read(place.community_id)
        return clock_of(choices.default_clock)


def clock_of(text: str) -> time:
    """`18:30` as a time of day; raises InvalidInput."""
    try:
        return time.fromisoformat(text)
    except ValueError:
        raise InvalidInput("A time of day is written 18:30.", field="clock") from None


def zone_of(name: str) -> ZoneInfo:
    """A time zone by its name; raises InvalidInput."""
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError):
        raise InvalidInput(f"No time zone is called {name[:60]}.", field="zone") from None


def told(when: When, now: datetime) -> str:
    """`Fri 13 Mar 20:00 CET (in 2 days 3 h)`, or `every Mon 20:00 CET, next 16 Mar 20:00`."""
    if isinstance(when, Recurring):
        first = when.first.astimezone(when.zone)
        return f"{describe(when, now)}, next {first.day} {first:%b %H:%M}"
    if when.at.astimezone(when.zone).year != now.astimezone(when.zone).year:
        # A token says no year.
        return describe(when, now)
    return f"{time_token(when.at)} (in {in_words(when.at - now)})"


def told_in_a_list(reminder: Reminder) -> str:
    """When it comes: a moment, or the rule."""
    if not reminder.rule:
        return time_token(reminder.due_at)
    zone, wall = ZoneInfo(reminder.zone), time.fromisoformat(reminder.wall)
    return Recurring(reminder.rule, reminder.due_at, wall, zone).described
