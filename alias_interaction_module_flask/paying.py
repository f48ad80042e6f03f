"""Takes points for commands that cost some, first of all, and gives them back when nothing came of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from alias_interaction_module_flask.config import CommunityChoices
from alias_interaction_module_flask.models import Entry
from flask_core.community_settings import CommunitySettings
from flask_core.contracts import reputation
from flask_core.datamodels import Invocation, Role
from flask_core.errors import Conflict, Forbidden, ServiceError, Unavailable
from flask_core.service_client import ServiceClient


@dataclass(frozen=True, slots=True)
class Paying:
    """The execution is the key, so that a retry pays once."""

    services: ServiceClient
    settings: CommunitySettings[CommunityChoices]

    @asynccontextmanager
    async def paid(self, entry: Entry, invocation: Invocation) -> AsyncIterator[None]:
        """What happens inside was paid for. Raises Conflict for too few points, Forbidden for guests, Unavailable."""
        if not await self._pays(entry, invocation):
            yield
            return
        charge = await self._charge(entry, invocation)
        try:
            yield
        except BaseException:
            await self.services.call(
                "reputation", reputation.REFUND, reputation.ChargeOf(invocation.community.id, charge.id)
            )
            raise

    async def _pays(self, entry: Entry, invocation: Invocation) -> bool:
        if not entry.what.cost or not invocation.member.id:
            # What a timer runs, nobody pays.
            return False
        if invocation.member.guest:
            raise Forbidden(f"!{entry.name} costs points, and guests have none: !community join")
        choices, _ = await self.settings.read(invocation.community.id)
        return choices.moderators_pay or invocation.member.role < Role.MODERATOR

    async def _charge(self, entry: Entry, invocation: Invocation) -> reputation.Charge:
        asked = reputation.AskCharge(
            invocation.community.id, invocation.member.id, entry.what.cost, f"!{entry.name}", invocation.execution_id
        )
        try:
            return await self.services.call("reputation", reputation.CHARGE, asked)
        except Conflict as refused:
            has = refused.details.get("points", "fewer")
            raise Conflict(f"That costs {entry.what.cost} points, you have {has}.", points=has) from None
        except ServiceError as away:
            raise Unavailable(f"!{entry.name} costs points, and nobody can take them right now.") from away
