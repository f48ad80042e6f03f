"""What a community's admins choose about the router: one document, its defaults, and who may see it change."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import msgspec

from flask_core.auth import utc_now
from flask_core.community_settings import CommunitySettings
from flask_core.contracts import module
from flask_core.database import AsyncDAL
from flask_core.operations import Caller, Endpoints
from router_module_flask.audit import Change, write_down
from router_module_flask.retained import Bounds, RetentionChoices


class CommunityChoices(RetentionChoices, frozen=True, forbid_unknown_fields=True):
    """Every field has a default that does nothing surprising."""


class ChoiceKeeper:
    """Reads and changes the document."""

    def __init__(
        self,
        settings: CommunitySettings[CommunityChoices],
        database: AsyncDAL,
        bounds: Bounds,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self.settings = settings
        self._database = database
        self._bounds = bounds
        self._now = now

    async def change(self, asked: module.PutSettings, caller: Caller) -> module.Settings:
        """Replace the document. Raises InvalidInput naming the field, Forbidden for what is an owner's to choose,
        Stale when somebody was faster."""
        now, actor = self._now(), caller.person.person_id
        async with self._database.transaction():
            before, _ = await self.settings.read_fresh(asked.community_id)
            settings, version = await self.settings.write(asked.community_id, asked.document, asked.version)
            self._bounds.check(before, settings, caller)
            was, became = _different(before, settings)
            change = Change(asked.community_id, actor, "settings.change", "router", ", ".join(became), was, became)
            await self._database.write(lambda tx: write_down(tx, change, now))
        return module.Settings(msgspec.to_builtins(settings), version)

    def endpoints(self) -> Endpoints:
        """`GET` and `PUT …/settings`."""
        api = Endpoints()

        @api.offers(module.GET_SETTINGS)
        async def show(asked: module.CommunityOnly, _: Caller) -> module.Settings:
            settings, version = await self.settings.read_fresh(asked.community_id)
            return module.Settings(msgspec.to_builtins(settings), version)

        @api.offers(module.PUT_SETTINGS)
        async def change(asked: module.PutSettings, caller: Caller) -> module.Settings:
            return await self.change(asked, caller)

        return api


def _different(before: CommunityChoices, after: CommunityChoices) -> tuple[dict[str, Any], dict[str, Any]]:
    """What changed, before and after."""
    was, became = (msgspec.structs.asdict(one) for one in (before, after))
    changed = [name for name in became if was.get(name) != became[name]]
    return {name: was.get(name) for name in changed}, {name: became[name] for name in changed}
