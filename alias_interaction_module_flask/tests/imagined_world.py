"""A world for texts: a streamer, her viewers, and what can be asked about them; it notes what it was asked."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from alias_interaction_module_flask.evaluator.world import Activity, Facts, LookupFailed, Person, Song, Standing, Stream
from flask_core.datamodels import Role

NOW = datetime(2026, 3, 13, 21, 15, 1, tzinfo=UTC)
GRACE = Person("Grace", "grace", "101", "member-grace")
ADA = Person("Ada", "ada", "102", "member-ada")
PENGUINS = Stream(
    "penguins", "Penguins", "7", live=True, title="Sliding on ice", game="Celeste", tags=("English", "Cozy"),
    created_at=datetime(2015, 4, 1, 12, 0, tzinfo=UTC), started_at=datetime(2026, 3, 13, 19, 10, tzinfo=UTC),
    viewers=12_345, followers=4_321, subscribers=99, subscriber_points=120,
)  # fmt: skip
ASLEEP = Stream("asleep", "Asleep", "8", game="Tetris", created_at=datetime(2020, 1, 1, tzinfo=UTC))


@dataclass
class ImaginedWorld:
    """Everything has an answer; what is in `away` has none, what is in `slow` never answers."""

    people: dict[str, Person] = field(default_factory=lambda: {"grace": GRACE, "ada": ADA, "<@102>": ADA})
    standings: dict[str, Standing] = field(
        default_factory=lambda: {
            "grace": Standing(50, 5, 283, 7, 300, 12, 7_380, 3, 283),
            "ada": Standing(1_200, 1, 283, 1, 300, 40, 60, 90, 283),
        }
    )
    streams: dict[str, Stream] = field(default_factory=lambda: {"": PENGUINS, "penguins": PENGUINS, "asleep": ASLEEP})
    counters: dict[str, int] = field(default_factory=lambda: {"deaths": 41})
    texts: dict[str, str] = field(default_factory=lambda: {"greeting": "Good evening"})
    pages: dict[str, str] = field(default_factory=dict)
    scripts: dict[str, str] = field(default_factory=dict)
    answers: dict[str, Any] = field(default_factory=dict)
    away: frozenset[str] = frozenset()
    slow: frozenset[str] = frozenset()
    asked: list[tuple[Any, ...]] = field(default_factory=list)

    async def person(self, name: str) -> Person | None:
        await self._asks("person", name)
        return self.people.get(name.lower().removeprefix("@"))

    async def role(self, person: Person) -> Role:
        await self._asks("role", person.login)
        return Role.REGULAR if person.login == "ada" else Role.VIEWER

    async def standing(self, person: Person) -> Standing:
        await self._asks("standing", person.login)
        return self.standings.get(person.login, Standing(places=283, all_time_places=300, watch_places=283))

    async def activity(self, person: Person) -> Activity:
        await self._asks("activity", person.login)
        if person.login == "grace":
            return Activity(datetime(2026, 3, 13, 21, 14, 51, tzinfo=UTC), datetime(2026, 3, 13, 21, 1, 46, tzinfo=UTC))
        return Activity()

    async def followed_since(self, person: Person) -> datetime | None:
        await self._asks("followed_since", person.login)
        return datetime(2024, 1, 1, 21, 15, 1, tzinfo=UTC) if person.login == "grace" else None

    async def created_at(self, person: Person) -> datetime | None:
        await self._asks("created_at", person.login)
        return datetime(2020, 3, 10, 21, 15, 1, tzinfo=UTC) if person.login == "grace" else None

    async def stream(self, login: str) -> Stream | None:
        await self._asks("stream", login)
        return self.streams.get(login)

    async def chatters(self) -> Sequence[Person]:
        await self._asks("chatters")
        return self.answers.get("chatters", [ADA])

    async def emotes(self, source: str) -> Sequence[str]:
        await self._asks("emotes", source)
        return self.answers.get("emotes", {"7tv": ["catJAM"], "channel": ["catJAM", "penguHi"]}).get(source, [])

    async def points_name(self) -> str:
        await self._asks("points_name")
        return "fish"

    async def quote(self, number: int | None) -> tuple[int, str] | None:
        await self._asks("quote", number)
        return {None: (3, "ship it"), 3: (3, "ship it")}.get(number)

    async def song(self) -> Song | None:
        await self._asks("song")
        return self.answers.get("song", Song("Ice Ice Baby", "Ada", "https://music.test/1"))

    async def queue_length(self) -> int:
        await self._asks("queue_length")
        return 4

    async def next_event(self) -> tuple[str, datetime] | None:
        await self._asks("next_event")
        return self.answers.get("next_event", ("Movie night", datetime(2026, 3, 14, 19, 0, tzinfo=UTC)))

    async def counter(self, name: str) -> int | None:
        await self._asks("counter", name)
        return self.counters.get(name.lower())

    async def change_counter(self, name: str, *, add: int = 0, set_to: int | None = None) -> int:
        await self._asks("change_counter", name, add, set_to)
        value = self.counters.get(name.lower(), 0) + add if set_to is None else set_to
        self.counters[name.lower()] = value
        return value

    async def kept(self, name: str) -> str | None:
        await self._asks("kept", name)
        return self.texts.get(name.lower())

    async def keep(self, name: str, text: str) -> None:
        await self._asks("keep", name, text)
        self.texts[name.lower()] = text

    async def fetch(self, url: str, headers: Mapping[str, str]) -> str:
        await self._asks("fetch", url, dict(headers))
        if url not in self.pages:
            raise LookupFailed("404 Not Found")
        return self.pages[url]

    async def script(self, code: str, seed: str) -> str:
        await self._asks("script", code)
        return self.scripts.get(code, code)

    async def answer(self, prompt: str) -> str:
        await self._asks("answer", prompt)
        return f"You asked: {prompt}"

    async def weather(self, place: str) -> Facts | None:
        await self._asks("weather", place)
        return None if place == "Atlantis" else Facts(f"{place}: Clear, 50 F (10 C), wind NW 5 MPH, humidity 40%")

    async def source(self, name: str, *arguments: str) -> Facts | None:
        await self._asks("source", name, *arguments)
        if "nobody" in arguments or "nobody#1" in arguments:
            return None
        return Facts(f"{name} of {arguments[0]}", {"title": "Blue", "artist": "Joni", "name": "grace"})

    async def _asks(self, *question: Any) -> None:
        self.asked.append(question)
        if question[0] in self.slow:
            await asyncio.Event().wait()
        if question[0] in self.away:
            raise LookupFailed
        await asyncio.sleep(0)
