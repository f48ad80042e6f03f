"""Which models a community may ask, and asking them: one retry, pauses, then the fallback."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from ai_interaction_module_flask.choices import CommunityChoices
from ai_interaction_module_flask.config import Config
from ai_interaction_module_flask.health import ModelHealth
from ai_interaction_module_flask.lazily import Lazily
from ai_interaction_module_flask.pauses import Pauses
from ai_interaction_module_flask.ports import (
    Answered,
    Conversation,
    LanguageModel,
    Limits,
    ModelAway,
    ModelBusy,
    ModelFailed,
    ModelPaused,
    ModelRefuses,
    ModelTooSlow,
    Place,
)
from ai_interaction_module_flask.secret_repository import API_KEY, SecretRepository
from flask_core.errors import NotReady, ServiceError
from flask_core.guarded_fetch import GuardedFetcher
from flask_core.url_guard import UrlGuard, admitted_hosts

REFUSED_SECONDS = 900.0
_NEEDS_KEY = "https://api.openai.com"


class NotSetUp(NotReady):
    """There is no model to ask."""


class Models(Protocol):
    """Where models come from."""

    async def at(self, place: Place) -> LanguageModel:
        """The model at a place."""
        ...


class LazyModels:
    """pydantic-ai, imported when somebody asks the first question."""

    def __init__(self, guard_hosts: str) -> None:
        self.guard = UrlGuard(admitted_hosts(guard_hosts))
        self.fetcher = GuardedFetcher(self.guard)
        self._models = Lazily("ai_interaction_module_flask.pydantic_model", "PydanticModels", self.guard)

    async def at(self, place: Place) -> LanguageModel:
        """The model at a place."""
        return (await self._models.get()).at(place)  # type: ignore[no-any-return]

    async def close(self) -> None:
        """End all connections."""
        await self._models.close()


@dataclass(frozen=True, slots=True)
class Providers:
    """`refused` is told of a key that is not taken any more."""

    config: Config
    secrets: SecretRepository
    models: Models
    pauses: Pauses
    health: ModelHealth
    refused: Callable[[int, Place], Awaitable[None]]

    async def places(self, community_id: int, choices: CommunityChoices) -> list[Place]:
        """The models that are asked for a community, in this order; none where none is set up."""
        first = choices.provider or self.config.provider
        second = choices.fallback or (self.config.fallback if not choices.provider else "none")
        found = [
            await self._at(community_id, first, choices.model, choices),
            await self._at(community_id, second, choices.fallback_model, choices),
        ]
        return list(dict.fromkeys(place for place in found if place is not None))

    async def place(self, community_id: int, kind: str, choices: CommunityChoices) -> Place | None:
        """Where a kind of model is for a community, with the usual model where it chose none of that kind."""
        chosen = {choices.fallback: choices.fallback_model, choices.provider: choices.model}
        return await self._at(community_id, kind, chosen.get(kind) or ("any" if kind == "own" else ""), choices)  # type: ignore[call-overload]

    async def _at(self, community_id: int, kind: str, model: str, choices: CommunityChoices) -> Place | None:
        config = self.config
        if kind == "own":
            if not config.community_providers or not choices.base_url or not model:
                return None
            key = await self.secrets.open(community_id, API_KEY)
            return Place("own", choices.base_url.rstrip("/"), key, model, guarded=True)
        if kind not in self.offered():
            return None
        if kind == "ollama":
            return Place("ollama", f"{config.ollama_url}/v1", "", model or config.ollama_model)
        model = model or config.openai_model
        usable = model and (config.openai_key or not config.openai_base_url.startswith(_NEEDS_KEY))
        return Place("openai", config.openai_base_url, config.openai_key, model) if usable else None

    async def answering(self, places: Sequence[Place]) -> Place:
        """Which of these is asked now: the first that does not have to wait."""
        for place in places:
            if await self.pauses.of(place.credential) is None:
                return place
        return places[0]

    def offered(self) -> frozenset[str]:
        """The operator's kinds that communities may use."""
        kinds = {self.config.provider, self.config.fallback} - {"none"}
        return frozenset(kinds - (set() if self.config.share_key else {"openai"}))

    async def answer(
        self,
        community_id: int,
        places: Sequence[Place],
        conversation: Conversation,
        limits: Limits,
        tools: Sequence[Any] = (),
    ) -> tuple[Answered, Place]:
        """The first answer, and whose it is. Raises what the last model failed with, within `limits.seconds`."""
        failure: ServiceError = NotSetUp("AI isn't set up here yet.")
        for place, within in _one_after_the_other(places, limits):
            try:
                async with self._watched(community_id, place):
                    model = await self.models.at(place)
                    return await _twice(model, conversation, within, tools), place
            except (ModelFailed, ModelBusy) as error:
                failure = error
        raise failure

    async def stream(
        self, community_id: int, places: Sequence[Place], conversation: Conversation, limits: Limits
    ) -> AsyncGenerator[tuple[str | Answered, Place]]:
        """As `answer`, piece by piece; once something was said, no other model takes over."""
        failure: ServiceError = NotSetUp("AI isn't set up here yet.")
        over: set[Place] = set()
        for place, within in _one_after_the_other([place for place in places for _ in range(2)], limits):
            said = False
            if place in over:
                continue
            try:
                async with self._watched(community_id, place):
                    model = await self.models.at(place)
                    async with aclosing(model.stream(conversation, within)) as pieces:
                        async for piece in pieces:
                            said = True
                            yield piece, place
                    return
            except (ModelFailed, ModelBusy) as error:
                if said:
                    raise
                failure = error
                if not isinstance(error, ModelAway):
                    over.add(place)
        raise failure

    @asynccontextmanager
    async def _watched(self, community_id: int, place: Place) -> AsyncIterator[None]:
        """Ask inside: nobody is asked during a pause, and what comes of it is noticed."""
        pause = await self.pauses.of(place.credential)
        if pause is not None:
            raise ModelPaused(max(1.0, pause.until - self.pauses.now()), f"paused: {pause.reason}")
        try:
            yield
        except (ModelFailed, ModelBusy) as error:
            await self.health.failed(place, error.reason)
            if isinstance(error, ModelBusy):
                await self.pauses.begin(place.credential, error.retry_after or 1.0, error.reason)
            if isinstance(error, ModelRefuses):
                await self.pauses.begin(place.credential, REFUSED_SECONDS, error.reason)
                await self.refused(community_id, place)
            raise
        await self.health.succeeded(place)


def _one_after_the_other(places: Sequence[Place], limits: Limits) -> Iterator[tuple[Place, Limits]]:
    """Every place with the time that is left for it."""
    until = time.monotonic() + limits.seconds
    for place in places:
        left = until - time.monotonic()
        if left > 0:
            yield place, _within(limits, left)


async def _twice(model: LanguageModel, conversation: Conversation, limits: Limits, tools: Sequence[Any]) -> Answered:
    """Once more after a failure that may be over already, within the same seconds."""
    began = time.monotonic()
    try:
        return await model.answer(conversation, tools, limits)
    except ModelAway:
        left = limits.seconds - (time.monotonic() - began)
        if left <= 0:
            raise ModelTooSlow from None
        return await model.answer(conversation, tools, _within(limits, left))


def _within(limits: Limits, seconds: float) -> Limits:
    return Limits(limits.max_tokens, limits.temperature, seconds, limits.stop)
