"""What admins change: checked against what the operator leaves them, written down, told to the router."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec

from ai_interaction_module_flask.choices import CommunityChoices
from ai_interaction_module_flask.notices import Notices
from ai_interaction_module_flask.providers import Providers
from ai_interaction_module_flask.secret_repository import API_KEY, SecretRepository
from ai_interaction_module_flask.wishing import Wishing
from flask_core.audit import write_down
from flask_core.community_settings import CommunitySettings
from flask_core.contracts import ai
from flask_core.database import AsyncDAL
from flask_core.errors import InvalidInput
from flask_core.url_guard import UrlGuard


@dataclass(frozen=True, slots=True)
class Configuring:
    """Settings, key and the community's wishes at the router."""

    database: AsyncDAL
    settings: CommunitySettings[CommunityChoices]
    secrets: SecretRepository
    providers: Providers
    guard: UrlGuard
    wishing: Wishing
    notices: Notices

    async def show(self, community_id: int) -> ai.Config:
        """The settings as they are stored."""
        choices, version = await self.settings.read_fresh(community_id)
        return await self._config(community_id, choices, version)

    async def put(self, asked: ai.PutConfig, by: str) -> ai.Config:
        """Store settings. Raises InvalidInput naming the field, Stale."""
        choices = self._checked(asked.document)
        before, _ = await self.settings.read_fresh(asked.community_id)
        places = await self.providers.places(asked.community_id, before)
        async with self.database.transaction():
            stored, version = await self.settings.write(asked.community_id, asked.document, asked.version)
            if asked.api_key is not None:
                await self.secrets.put(asked.community_id, API_KEY, asked.api_key.strip())
            changed = ", ".join(_changes(before, choices, key=asked.api_key is not None))
            await self.database.write(
                lambda tx: write_down(tx, asked.community_id, by, "config.put", changed, "", "", self.settings_now())
            )
            await self.wishing.note(asked.community_id, version)
        if asked.api_key is not None:
            for place in places:
                if place.kind == "own":
                    await self.providers.pauses.end(place.credential)
            await self.notices.key_changed(asked.community_id)
        await self.wishing.tell(asked.community_id)
        return await self._config(asked.community_id, stored, version)

    def settings_now(self) -> Any:
        """The time of a change."""
        return self.wishing.now()

    def _checked(self, document: dict[str, Any]) -> CommunityChoices:
        try:
            choices = msgspec.convert(document, CommunityChoices)
        except msgspec.ValidationError as error:
            raise InvalidInput(f"These settings cannot be used: {error}.", problem=str(error)) from None
        offered = self.providers.offered() | {"", "none"}
        for field in ("provider", "fallback"):
            kind = getattr(choices, field)
            if kind == "own" and not self.providers.config.community_providers:
                raise InvalidInput("The operator does not allow models of a community's own.", field=field)
            if kind != "own" and kind not in offered:
                raise InvalidInput(f"The operator has set up no model of the kind {kind}.", field=field)
        if "own" in (choices.provider, choices.fallback) or choices.base_url:
            self._check_own(choices)
        return choices

    def _check_own(self, choices: CommunityChoices) -> None:
        try:
            self.guard.checked_url(choices.base_url)
        except InvalidInput as refused:
            raise InvalidInput(refused.message, field="base_url", **refused.details) from None
        for kind, model in ((choices.provider, choices.model), (choices.fallback, choices.fallback_model)):
            if kind == "own" and not model:
                raise InvalidInput("Name the model that is asked there.", field="model")

    async def _config(self, community_id: int, choices: CommunityChoices, version: int) -> ai.Config:
        config, told = self.providers.config, await self.secrets.told(community_id)
        row = told.get(API_KEY)
        secret = ai.SecretTold(False) if row is None else ai.SecretTold(True, row.last4, row.updated_at)
        offer = ai.Offer(
            tuple(sorted(self.providers.offered())), config.provider, config.community_providers,
            config.max_answers_per_day, config.max_tokens_per_day,
        )  # fmt: skip
        return ai.Config(msgspec.to_builtins(choices), version, {API_KEY: secret}, offer)


def _changes(before: CommunityChoices, after: CommunityChoices, *, key: bool) -> list[str]:
    names = [
        name for name in CommunityChoices.__struct_fields__ if getattr(before, name) != getattr(after, name)
    ]  # fmt: skip
    return names + ([API_KEY] if key else [])
