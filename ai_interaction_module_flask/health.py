"""Whether models answer: what was noticed when they were asked, and by looking while people ask."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

import msgspec

from ai_interaction_module_flask.ports import Place
from flask_core.errors import ServiceError
from flask_core.http_client import HttpClient
from flask_core.shared_state import SharedState

log = logging.getLogger(__name__)

PROBE_SECONDS, IN_USE_SECONDS = 60.0, 3_600.0
_KEPT_SECONDS, _REMEMBERED, _PATIENCE, _MOST_MODELS = 86_400.0 * 7, 100, 5.0, 200


class Seen(msgspec.Struct, frozen=True):
    """Times in seconds since 1970, 0 for never; `error` is the last failure, in our words."""

    succeeded: float = 0
    failed: float = 0
    error: str = ""


class Models(msgspec.Struct, frozen=True):
    """What a look gave."""

    reachable: bool
    models: tuple[str, ...] = ()
    error: str = ""


@dataclass(frozen=True, slots=True)
class ModelHealth:
    """Kept in shared state under the credential, so that every replica tells the same."""

    shared: SharedState
    http: HttpClient
    now: Callable[[], float] = time.time
    _used: OrderedDict[Place, float] = field(default_factory=OrderedDict)

    async def of(self, credential: str) -> Seen:
        """What is known."""
        kept = await self.shared.get(_key(credential))
        return Seen() if kept is None else msgspec.json.decode(kept, type=Seen)

    async def succeeded(self, place: Place) -> None:
        """It answered."""
        self._use(place)
        seen = await self.of(place.credential)
        await self._keep(place, Seen(self.now(), seen.failed, seen.error))

    async def failed(self, place: Place, reason: str) -> None:
        """It did not."""
        self._use(place)
        seen = await self.of(place.credential)
        await self._keep(place, Seen(seen.succeeded, self.now(), reason))

    async def _keep(self, place: Place, seen: Seen) -> None:
        await self.shared.set(_key(place.credential), msgspec.json.encode(seen), _KEPT_SECONDS)

    def _use(self, place: Place) -> None:
        self._used[place] = self.now()
        self._used.move_to_end(place)
        while len(self._used) > _REMEMBERED:
            self._used.popitem(last=False)

    async def look(self, place: Place) -> Models:
        """Ask for the list of models; never raises for a model that is away."""
        headers = {"Authorization": f"Bearer {place.key}"} if place.key else {}
        try:
            found = await self._listed(place, headers)
        except ServiceError as error:
            return Models(False, error=str(error.details.get("reason") or error.message))
        if found is None:
            return Models(False, error="an answer that cannot be read")
        return Models(True, tuple(sorted(found)[:_MOST_MODELS]))

    async def _listed(self, place: Place, headers: dict[str, str]) -> list[str] | None:
        """Names, None for an answer in another shape."""
        if place.guarded:
            answer = await self.http.guarded("GET", f"{place.base_url}/models", headers=headers, timeout=_PATIENCE)
        elif place.kind == "ollama":
            answer = await self.http.request(
                "GET", f"{place.base_url.removesuffix('/v1')}/api/tags", timeout=_PATIENCE, name="Ollama"
            )
        else:
            answer = await self.http.request(
                "GET", f"{place.base_url}/models", headers=headers, timeout=_PATIENCE, credential=place.credential,
                name="The model",
            )  # fmt: skip
        try:
            if place.kind == "ollama":
                tags = msgspec.json.decode(answer.content, type=_Tags)
                return [one.name.removesuffix(":latest") for one in tags.models]
            return [one.id for one in msgspec.json.decode(answer.content, type=_Listed).data]
        except msgspec.DecodeError:
            return None

    async def run(self) -> None:
        """For ever: look at what was used in the last hour; one replica per credential and minute."""
        while True:
            await self.step()
            await asyncio.sleep(PROBE_SECONDS / 2)

    async def step(self) -> None:
        """One round."""
        for place, used in list(self._used.items()):
            if used < self.now() - IN_USE_SECONDS:
                self._used.pop(place, None)
            elif await self.shared.claim_once(f"ai:probe:{place.credential}", PROBE_SECONDS):
                seen, found = await self.of(place.credential), await self.look(place)
                succeeded = self.now() if found.reachable else seen.succeeded
                failed = seen if found.reachable else Seen(0, self.now(), found.error)
                await self._keep(place, Seen(succeeded, failed.failed, failed.error))


class _Tag(msgspec.Struct):
    name: str


class _Tags(msgspec.Struct):
    models: list[_Tag]


class _Model(msgspec.Struct):
    id: str


class _Listed(msgspec.Struct):
    data: list[_Model]


def _key(credential: str) -> str:
    return f"ai:seen:{credential}"
