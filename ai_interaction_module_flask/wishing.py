"""Tells the router which lines a community wants answered; what it has not heard yet is told again."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from ai_interaction_module_flask.choices import CommunityChoices
from ai_interaction_module_flask.translation_repository import TranslationRepository
from ai_interaction_module_flask.triggers import translation_wish, wishes
from flask_core.community_settings import CommunitySettings
from flask_core.contracts.wishes import MOST_WISHES, PUT_WISHES, PutWishes
from flask_core.database import AsyncDAL
from flask_core.errors import ServiceError
from flask_core.service_client import ServiceClient

log = logging.getLogger(__name__)

_SECONDS = 30.0
_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Wishing:
    """Telling twice does no harm, so every replica may."""

    database: AsyncDAL
    settings: CommunitySettings[CommunityChoices]
    client: ServiceClient
    now: Callable[[], datetime]
    translations: TranslationRepository

    async def note(self, community_id: int, version: int) -> None:
        """There is something to tell; part of the transaction that changes the settings."""
        await self.database.write(
            lambda tx: tx.run(
                "INSERT INTO ai_wishes (community_id, version, told) VALUES (?, ?, 0)"
                " ON CONFLICT (community_id) DO UPDATE SET version = excluded.version",
                community_id, version,
            )
        )  # fmt: skip

    async def note_again(self, community_id: int) -> None:
        """There is something to tell that is no setting."""
        await self.database.write(
            lambda tx: tx.run(
                "INSERT INTO ai_wishes (community_id, version, told) VALUES (?, 0, -1)"
                " ON CONFLICT (community_id) DO UPDATE SET told = -1",
                community_id,
            )
        )

    async def tell(self, community_id: int) -> bool:
        """Tell what this community wants now; False while the router is away."""
        choices, version = await self.settings.read_fresh(community_id)
        translated = translation_wish(await self.translations.channels(community_id))
        wanted = (*translated, *wishes(choices.triggers))[:MOST_WISHES] if choices.enabled else ()
        try:
            await self.client.call("router", PUT_WISHES, PutWishes(community_id, wanted))
        except ServiceError as error:
            log.warning("the router was not told what is wanted: %s", error.code)
            return False
        await self.database.write(
            lambda tx: tx.run("UPDATE ai_wishes SET told = ? WHERE community_id = ?", version, community_id)
        )
        return True

    async def run(self) -> None:
        """For ever: tell what was not heard."""
        while True:
            await self.step()
            await asyncio.sleep(_SECONDS)

    async def step(self) -> None:
        """One round; it ends at the first that cannot be told."""
        waiting = await self.database.read(
            lambda tx: tx.rows("SELECT community_id FROM ai_wishes WHERE told <> version LIMIT ?", _AT_ONCE)
        )
        for (community_id,) in waiting:
            if not await self.tell(community_id):
                return
