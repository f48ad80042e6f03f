"""The port through which a text learns about the world; small look-ups that the module answers and tests fake.

Reads may run at once, each in a task of its own, and are asked at most once per execution. What changes something is
awaited by the task that called `evaluate`, one after the other, and never in test mode. A look-up that cannot be
answered raises LookupFailed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from flask_core.datamodels import Role


class LookupFailed(Exception):
    """Something did not answer or refused; `reason` is short and fit for chat: `timeout`, `404 Not Found`."""

    def __init__(self, reason: str = "not answering") -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody on the platform of the command. Ids are empty for a name that was never seen here."""

    name: str
    login: str = ""
    user_id: str = ""
    member_id: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """What reputation knows. Places count from 1 and are None for somebody without one; watch time in seconds."""

    points: int = 0
    place: int | None = None
    places: int = 0
    all_time_place: int | None = None
    all_time_places: int = 0
    score: int = 0
    watched: int = 0
    watch_place: int | None = None
    watch_places: int = 0


@dataclass(frozen=True, slots=True)
class Activity:
    """When somebody was seen, and when they last wrote."""

    seen: datetime | None = None
    wrote: datetime | None = None


@dataclass(frozen=True, slots=True)
class Stream:
    """A channel of a streaming platform. Numbers are None where they are not known."""

    login: str
    display_name: str = ""
    user_id: str = ""
    live: bool = False
    title: str = ""
    game: str = ""
    tags: tuple[str, ...] = ()
    created_at: datetime | None = None
    started_at: datetime | None = None
    viewers: int | None = None
    chatters: int | None = None
    followers: int | None = None
    subscribers: int | None = None
    subscriber_points: int | None = None


@dataclass(frozen=True, slots=True)
class Song:
    """What plays now."""

    title: str
    requester: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """Answers of a source that needs a key, by field."""

    line: str
    fields: Mapping[str, str] = field(default_factory=dict)


class World(Protocol):
    """All that a text may ask for."""

    async def person(self, name: str) -> Person | None:
        """The account that a name, login or mention means here."""

    async def role(self, person: Person) -> Role:
        """What somebody other than the caller may do here."""

    async def standing(self, person: Person) -> Standing:
        """Points, places, score and watch time; somebody unknown has none of them."""

    async def activity(self, person: Person) -> Activity:
        """When somebody was here."""

    async def followed_since(self, person: Person) -> datetime | None:
        """Since when somebody follows this channel; None: they do not."""

    async def created_at(self, person: Person) -> datetime | None:
        """How old an account is."""

    async def stream(self, login: str) -> Stream | None:
        """A channel by its login; the channel of the command for an empty one; None: unknown, or no streams there."""

    async def chatters(self) -> Sequence[Person]:
        """Who wrote in the last ten minutes, without bots."""

    async def emotes(self, source: str) -> Sequence[str]:
        """Names of emotes of this channel: `7tv`, `bttv`, `ffz`, `twitch`, or `channel` for all."""

    async def points_name(self) -> str:
        """What the community calls its points."""

    async def quote(self, number: int | None) -> tuple[int, str] | None:
        """A saved quote, or one by chance."""

    async def song(self) -> Song | None:
        """What plays."""

    async def queue_length(self) -> int:
        """How many songs wait."""

    async def next_event(self) -> tuple[str, datetime] | None:
        """Title and beginning of the next approved event."""

    async def counter(self, name: str) -> int | None:
        """The value of a counter; None: there is none."""

    async def change_counter(self, name: str, *, add: int = 0, set_to: int | None = None) -> int:
        """Add or set in one statement, making the counter when it is new; returns the value after."""

    async def kept(self, name: str) -> str | None:
        """A text of the community."""

    async def keep(self, name: str, text: str) -> None:
        """Keep a text; LookupFailed when there are too many."""

    async def fetch(self, url: str, headers: Mapping[str, str]) -> str:
        """GET through the guard, as text; LookupFailed carries the reason."""

    async def script(self, code: str, seed: str) -> str:
        """The value of a script as text; LookupFailed carries what it prints: `SyntaxError: …`, `busy`."""

    async def answer(self, prompt: str) -> str:
        """What the model says, empty without a provider; LookupFailed carries the sentence of a limit."""

    async def weather(self, place: str) -> Facts | None:
        """The weather at a place."""

    async def source(self, name: str, *arguments: str) -> Facts | None:
        """`lastfm`, `steam`, `leagueoflegends`, `teamfighttactics`; None: not found; LookupFailed: not set up, away."""
