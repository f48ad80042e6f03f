"""Tells from the outbox what others have to know: modules of merges and ends, people of transfers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Protocol

from community_module_flask.asking import Asking
from community_module_flask.config import MODULE
from community_module_flask.merge_repository import MergeRepository, Untold
from flask_core.auth import utc_now
from flask_core.contracts import router
from flask_core.contracts.module import ERASE_COMMUNITY, MERGE, UNMERGE, CommunityOnly
from flask_core.errors import NotFound, ServiceError
from flask_core.operations import Operation
from flask_core.service_client import ServiceClient

CLAIM = timedelta(seconds=60)
_EVERY_SECONDS = 2.0
# A community has many rows in some modules.
_ERASE_SECONDS = 30.0


class OwnRows(Protocol):
    """What is here about a community that ended."""

    async def purge(self, community_id: int, now: datetime) -> None:
        """Delete it; the second time nothing is left to do."""


class ModuleTeller:
    """Modules answer the same request twice with the same answer, so telling all of them again is safe."""

    def __init__(
        self,
        merges: MergeRepository,
        own: OwnRows,
        asking: Asking,
        client: ServiceClient,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._merges = merges
        self._own = own
        self._asking = asking
        self._client = client
        self._now = now

    async def run(self) -> None:
        """For ever."""
        while True:
            await self.tell_due()
            await asyncio.sleep(_EVERY_SECONDS)

    async def tell_due(self) -> None:
        """Tell what is due now; what somebody did not take stays and comes again in a minute."""
        for untold in await self._merges.due(self._now(), self._now() + CLAIM):
            if await self._tell(untold):
                await self._merges.told(untold.row)

    async def _tell(self, untold: Untold) -> bool:
        """False when not everybody answered; one that is away keeps nothing from the others."""
        try:
            if untold.kind == "transfer":
                return await self._asking.ask(int(untold.request.merge_id), untold.request.source)
            known = await self._client.call("router", router.MODULES, router.Nothing())
        except ServiceError:
            return False
        # What is here was changed with the row in the outbox, or goes last.
        others = [one for one in known.items if one.manifest.name != MODULE.name and not one.external]
        if untold.kind == "erase":
            return await self._erase(untold.request.community_id, [one.manifest.name for one in others])
        operation = MERGE if untold.kind == "merge" else UNMERGE
        names = [one.manifest.name for one in others if one.manifest.personal_data]
        return all([await self._took(name, operation, untold.request) for name in names])

    async def _erase(self, community_id: int, names: list[str]) -> bool:
        """Our own rows go when nobody else has any."""
        asked = CommunityOnly(community_id)
        if not all([await self._took(name, ERASE_COMMUNITY, asked, seconds=_ERASE_SECONDS) for name in names]):
            return False
        await self._own.purge(community_id, self._now())
        return True

    async def _took(self, name: str, operation: Operation[Any, Any], asked: Any, *, seconds: float = 5) -> bool:
        try:
            await self._client.call(name, operation, asked, timeout=seconds)
        except NotFound:
            # A module without the operation keeps nothing that ends.
            return operation is ERASE_COMMUNITY
        except ServiceError:
            return False
        return True
