"""The health tile of a community, and which models it could choose."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from ai_interaction_module_flask.budget_repository import BudgetRepository, day_of
from ai_interaction_module_flask.choices import CommunityChoices
from ai_interaction_module_flask.health import ModelHealth
from ai_interaction_module_flask.ports import Place
from ai_interaction_module_flask.providers import Providers
from flask_core.community_settings import CommunitySettings
from flask_core.contracts import ai

_NEEDS = {
    "ollama": ("AI_PROVIDER=ollama", "OLLAMA_URL", "AI_MODEL"),
    "openai": ("AI_PROVIDER=openai", "OPENAI_API_KEY", "OPENAI_MODEL"),
    "own": ("base_url", "model", "api_key"),
}


@dataclass(frozen=True, slots=True)
class Looking:
    """Never tells an address or a key of the operator."""

    settings: CommunitySettings[CommunityChoices]
    providers: Providers
    budgets: BudgetRepository
    health: ModelHealth
    now: Callable[[], datetime]

    async def status(self, community_id: int) -> ai.Health:
        """The tile."""
        choices, _ = await self.settings.read(community_id)
        places = await self.providers.places(community_id, choices)
        answers, tokens = await self.budgets.spent(community_id, day_of(self.now()))
        most = min(choices.budget.answers, self.providers.config.max_answers_per_day)
        most_tokens = min(choices.budget.tokens, self.providers.config.max_tokens_per_day)
        if not places:
            return ai.Health(
                "missing", "No model is set up.", answers=answers, most_answers=most, tokens=tokens,
                most_tokens=most_tokens,
            )  # fmt: skip
        first = places[0]
        state, reason = await self._state(choices, first)
        seen = await self.health.of(first.credential)
        return ai.Health(
            state, reason, first.kind, first.model, f"{places[1].model} ({places[1].kind})" if places[1:] else "",
            answers, most, tokens, most_tokens, _time(seen.succeeded), seen.error, _time(seen.failed),
        )  # fmt: skip

    async def _state(self, choices: CommunityChoices, place: Place) -> tuple[str, str]:
        if not choices.enabled:
            return "off", "Switched off for this community."
        pause = await self.providers.pauses.of(place.credential)
        if pause is None:
            return "ready", ""
        left = max(1, round(pause.until - self.now().timestamp()))
        return "paused", f"Paused for {left} s, because the model said: {pause.reason}."

    async def providers_of(self, community_id: int) -> ai.ProviderList:
        """All kinds, looked at now."""
        choices, _ = await self.settings.read(community_id)
        return ai.ProviderList(
            tuple([await self._view(community_id, kind, choices) for kind in ("ollama", "openai", "own")])
        )

    async def _view(self, community_id: int, kind: str, choices: CommunityChoices) -> ai.ProviderView:
        place = await self.providers.place(community_id, kind, choices)
        if place is None:
            return ai.ProviderView(kind, False, needs=_NEEDS[kind])
        found = await self.health.look(place)
        seen = await self.health.of(place.credential)
        return ai.ProviderView(kind, True, found.reachable, found.models, found.error or seen.error)


def _time(seconds: float) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if seconds else None
