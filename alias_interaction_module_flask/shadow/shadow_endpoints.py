"""What admins ask about shadow mode."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from alias_interaction_module_flask.imports.importing import person_of
from alias_interaction_module_flask.shadow.watching import Watching
from flask_core.contracts import alias_shadow as contract
from flask_core.errors import Conflict, NotFound
from flask_core.operations import Caller, Endpoints

_ENOUGH = 50


@dataclass(frozen=True, slots=True)
class ShadowDesk:
    """Starts and stops, and tells."""

    watching: Watching

    async def start(self, asked: contract.StartShadow, caller: Caller) -> None:
        """Raises NotFound, and Conflict for an import that does not wait for a decision."""
        one = await self.watching.imports.one(asked.community_id, asked.import_id)
        if one is None:
            raise NotFound("There is no such import.")
        if one.phase != "preview":
            raise Conflict("Only an import that was not taken over yet can be compared; else both bots would answer.")
        now = self.watching.now()
        until, bot = now + timedelta(days=asked.days), asked.bot.strip().removeprefix("@")
        await self.watching.shadows.start(asked.community_id, one.id, bot, person_of(caller), now, until)

    async def view(self, community_id: int) -> contract.Shadow:
        """How it is going."""
        watch = await self.watching.shadows.of(community_id)
        verdicts = await self.watching.shadows.verdicts(community_id)
        ready = set(verdicts) == {"same"} and verdicts["same"] >= _ENOUGH
        if watch is None:
            return contract.Shadow(verdicts=verdicts, ready=ready)
        on = watch.status == "waiting" and self.watching.now() < watch.until
        return contract.Shadow(on, watch.import_id, watch.bot, watch.until, verdicts, ready, watch.last_error)


def shadow_endpoints(desk: ShadowDesk) -> Endpoints:
    """All of them are for admins."""
    api = Endpoints()

    @api.offers(contract.SHADOW)
    async def show(asked: contract.ShadowOf, _: Caller) -> contract.Shadow:
        return await desk.view(asked.community_id)

    @api.offers(contract.START_SHADOW)
    async def start(asked: contract.StartShadow, caller: Caller) -> contract.Shadow:
        await desk.start(asked, caller)
        return await desk.view(asked.community_id)

    @api.offers(contract.STOP_SHADOW)
    async def stop(asked: contract.ShadowOf, _: Caller) -> None:
        await desk.watching.shadows.stop(asked.community_id)

    @api.offers(contract.REPORT)
    async def report(asked: contract.ShadowOf, _: Caller) -> contract.Report:
        return contract.Report(tuple(await desk.watching.shadows.report(asked.community_id)))

    return api
