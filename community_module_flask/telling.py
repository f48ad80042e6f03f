"""Tells every module that keeps personal data that two members became one, until each has answered."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from community_module_flask.merge_repository import MergeRepository, Untold
from flask_core.auth import utc_now
from flask_core.contracts import router
from flask_core.contracts.module import MERGE, UNMERGE, MergeMembers
from flask_core.errors import ServiceError
from flask_core.operations import Operation
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
            if await self._tell(untold):
                await self._merges.told(untold.row)

    async def _tell(self, untold: Untold) -> bool:
        """False when not every module answered; one that is away keeps nothing from the others."""
        try:
            known = await self._client.call("router", router.MODULES, router.Nothing())
        except ServiceError:
            return False
        operation = MERGE if untold.kind == "merge" else UNMERGE
        names = [
            module.manifest.name
            for module in known.items
            if module.manifest.personal_data and module.manifest.name != "community"
        ]
        return all([await self._took(name, operation, untold) for name in names])

    async def _took(self, name: str, operation: Operation[MergeMembers, Any], untold: Untold) -> bool:
        try:
            await self._client.call(name, operation, untold.request)
        except ServiceError:
            return False
        return True
