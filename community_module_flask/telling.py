"""Tells every module that keeps personal data that two members became one, until each has answered."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

from community_module_flask.merge_repository import MergeRepository, Untold
from flask_core.auth import utc_now
from flask_core.contracts import router
from flask_core.contracts.module import MERGE, UNMERGE
from flask_core.errors import ServiceError
from flask_core.service_client import ServiceClient

CLAIM = timedelta(seconds=60)
_EVERY_SECONDS = 2.0


class ModuleTeller:
    """Modules answer the same merge id twice with the same answer, so telling all of them again is safe."""

    def __init__(self, merges: MergeRepository, client: ServiceClient, now: Callable[[], datetime] = utc_now) -> None:
        self._merges = merges
        self._client = client
        self._now = now

    async def run(self) -> None:
        """For ever."""
        while True:
            await self.tell_due()
            await asyncio.sleep(_EVERY_SECONDS)

    async def tell_due(self) -> None:
        """Tell what is due now; what a module did not take stays and comes again in a minute."""
        for untold in await self._merges.due(self._now(), self._now() + CLAIM):
            try:
                await self._tell(untold)
            except ServiceError:
                continue
            await self._merges.told(untold.row)

    async def _tell(self, untold: Untold) -> None:
        known = await self._client.call("router", router.MODULES, router.Nothing())
        operation = MERGE if untold.kind == "merge" else UNMERGE
        for module in known.items:
            if module.manifest.personal_data:
                await self._client.call(module.manifest.name, operation, untold.request)
