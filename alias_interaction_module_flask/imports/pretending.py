"""What imported texts would say to people who do not exist, in a world where nothing is asked and nothing changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from alias_interaction_module_flask.evaluator.evaluation import evaluate
from alias_interaction_module_flask.evaluator.execution import Execution
from alias_interaction_module_flask.evaluator.world import (
    Activity,
    Facts,
    LookupFailed,
    Person,
    Song,
    Standing,
    Stream,
)
from alias_interaction_module_flask.models import Wish
from alias_interaction_module_flask.scripts.pool import Scripts
from alias_interaction_module_flask.texts import read
from flask_core.contracts.alias_imports import Sample
from flask_core.datamodels import Role
from flask_core.errors import ServiceError

_GRACE, _LINUS, _ADA = (
    Person("Grace", "grace", "1001", "m1"), Person("Linus", "linus", "1002", "m2"), Person("Ada", "ada", "1003", "m3"),
)  # fmt: skip
_CALLERS = ((_GRACE, Role.VIEWER, ""), (_LINUS, Role.REGULAR, "@Ada hello"), (_ADA, Role.MODERATOR, "42"))
_SINCE = datetime(2024, 3, 4, 12, tzinfo=UTC)
_ONLY_LIVE = "asked only when it runs"
_LONGEST, _PATIENCE = 300, 0.5


class PretendedWorld:
    """Everybody exists, everything is 0, and nobody outside is asked."""

    def __init__(self, scripts: Scripts) -> None:
        self._scripts = scripts
        self._counters: dict[str, int] = {}

    async def person(self, name: str) -> Person | None:
        """Somebody of that name."""
        return Person(name.removeprefix("@"), name.removeprefix("@").lower())

    async def role(self, person: Person) -> Role:
        """Nobody special."""
        return Role.VIEWER

    async def standing(self, person: Person) -> Standing:
        """A little of everything."""
        return Standing(points=50, place=5, places=283, all_time_place=7, all_time_places=300, watched=7_200)

    async def activity(self, person: Person) -> Activity:
        """Never seen."""
        return Activity()

    async def followed_since(self, person: Person) -> datetime | None:
        """For long."""
        return _SINCE

    async def created_at(self, person: Person) -> datetime | None:
        """For long."""
        return _SINCE

    async def stream(self, login: str) -> Stream | None:
        """A channel that is offline."""
        name = login or "channel"
        return Stream(name.lower(), name, "1", title="A title", game="A game")

    async def chatters(self) -> Sequence[Person]:
        """Two who do not exist."""
        return (_GRACE, _LINUS)

    async def emotes(self, source: str) -> Sequence[str]:
        """None."""
        return ()

    async def points_name(self) -> str:
        """Points."""
        return "points"

    async def quote(self, number: int | None) -> tuple[int, str] | None:
        """One of a kind."""
        return (number or 1, "a quote")

    async def song(self) -> Song | None:
        """Silence."""
        return None

    async def queue_length(self) -> int:
        """Nobody waits."""
        return 0

    async def next_event(self) -> tuple[str, datetime] | None:
        """Nothing is planned."""
        return None

    async def counter(self, name: str) -> int | None:
        """As it was counted here."""
        return self._counters.get(name)

    async def change_counter(self, name: str, *, add: int = 0, set_to: int | None = None) -> int:
        """Counted on paper."""
        self._counters[name] = self._counters.get(name, 0) + add if set_to is None else set_to
        return self._counters[name]

    async def kept(self, name: str) -> str | None:
        """Nothing."""
        return None

    async def keep(self, name: str, text: str) -> None:
        """Kept nowhere."""

    async def fetch(self, url: str, headers: Mapping[str, str]) -> str:
        """Nobody is asked for a preview."""
        raise LookupFailed(_ONLY_LIVE)

    async def script(self, code: str, seed: str) -> str:
        """For real: a script knows nothing of the world."""
        try:
            return await self._scripts.run(code, seed=seed)
        except ServiceError as refused:
            raise LookupFailed(str(refused.details.get("reason", "busy"))) from refused

    async def answer(self, prompt: str) -> str:
        """Nobody is asked for a preview."""
        raise LookupFailed(_ONLY_LIVE)

    async def weather(self, place: str) -> Facts | None:
        """Nobody is asked for a preview."""
        raise LookupFailed(_ONLY_LIVE)

    async def source(self, name: str, *arguments: str) -> Facts | None:
        """Nobody is asked for a preview."""
        raise LookupFailed(_ONLY_LIVE)


@dataclass(frozen=True, slots=True)
class Samples:
    """Three callers: one without words, one with some, one with a number."""

    scripts: Scripts
    channel: str = "channel"

    async def of(self, wish: Wish, now: datetime) -> tuple[Sample, ...]:
        """What each of them would hear."""
        found = []
        for caller, role, words in _CALLERS:
            execution = Execution(
                execution_id=f"sample {caller.login}", platform="twitch", channel_id="1", server_id="1",
                channel_name=self.channel, channel_display_name=self.channel, community=self.channel, name=wish.name,
                trigger=f"!{wish.name}", text=words, caller=caller, role=role, command_role=wish.role,
                now=now, test=True, deadline=_PATIENCE,
            )  # fmt: skip
            result = await evaluate(read(wish.body, wish.dialect), execution, PretendedWorld(self.scripts))
            arrow = "→ " if wish.kind == "alias" else ""
            typed = f"{caller.name}: !{wish.name} {words}".strip()
            found.append(Sample(typed, f"{arrow}{result.text}"[:_LONGEST]))
        return tuple(found)
