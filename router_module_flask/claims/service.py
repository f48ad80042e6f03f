"""Hands out work to triggers: names are checked, and the quota includes what somebody holds."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable
from datetime import datetime

from flask_core.auth import utc_now
from flask_core.contracts import claims
from flask_core.errors import Forbidden, InvalidInput
from flask_core.shared_state import SharedState
from router_module_flask.claims.repository import PER_PAGE, ClaimRepository

log = logging.getLogger(__name__)

SWEEP_SECONDS = 30.0
_LEASE_SECONDS = 60.0
_KIND = re.compile(r"[a-z]{1,20}:[a-z]{1,20}", re.ASCII)
_ID = re.compile(r"[A-Za-z0-9._-]{1,100}", re.ASCII)
_INSTANCE = re.compile(r"[A-Za-z0-9._:-]{1,100}", re.ASCII)
_REASON, _LAST_PAGE = 300, 100_000


class Claims:
    """`most` is how many resources of a kind one process may hold."""

    def __init__(
        self, repository: ClaimRepository, shared: SharedState, owner: str, *, most: int,
        now: Callable[[], datetime] = utc_now,
    ) -> None:  # fmt: skip
        self._repository = repository
        self._shared = shared
        self._owner = owner
        self._most = most
        self._now = now

    async def put(self, trigger: str, asked: claims.PutResources) -> None:
        """Know what there is of a kind."""
        _own_kind(trigger, asked.kind)
        if len(asked.items) > claims.MOST_RESOURCES:
            raise InvalidInput(f"There may be {claims.MOST_RESOURCES} resources of a kind.", field="items")
        for item in asked.items:
            kind, _, number = item.name.rpartition(":")
            if kind != asked.kind or not _ID.fullmatch(number):
                raise InvalidInput(f"A resource of this kind is called {asked.kind}:<id>.", field="items")
        if len({item.name for item in asked.items}) < len(asked.items):
            raise InvalidInput("A resource is named twice.", field="items")
        await self._repository.put(asked.kind, asked.items, self._now())

    async def claim(self, trigger: str, asked: claims.ClaimSome) -> claims.ClaimsHeld:
        """Everything that the process holds of the kind, with what it got just now."""
        _own_kind(trigger, asked.kind)
        _check_instance(asked.instance)
        most = min(asked.most, self._most) if asked.most > 0 else self._most
        await self._repository.claim(asked.kind, asked.instance, most, self._now())
        return claims.ClaimsHeld(tuple(await self._repository.held(asked.kind, asked.instance)))

    async def check_in(self, trigger: str, asked: claims.CheckIn) -> claims.ClaimsHeld:
        """What was renewed, and what is lost."""
        _check_instance(asked.instance)
        for report in asked.items:
            _own_resource(trigger, report.resource)
        renewed = await self._repository.check_in(asked.instance, asked.items, self._now())
        kept = {claim.resource for claim in renewed}
        lost = tuple(report.resource for report in asked.items if report.resource not in kept)
        return claims.ClaimsHeld(tuple(renewed), lost)

    async def release(self, trigger: str, asked: claims.Release) -> None:
        """Free these for others at once."""
        for resource in asked.resources:
            _own_resource(trigger, resource)
        await self._repository.release(asked.instance, asked.resources, self._now())

    async def failed(self, trigger: str, asked: claims.ClaimError) -> claims.ClaimTrouble:
        """Count an error, and park what failed three times."""
        _own_resource(trigger, asked.resource)
        errors, parked_until = await self._repository.failed(
            asked.instance, asked.resource, asked.reason[:_REASON], self._now()
        )
        return claims.ClaimTrouble(errors, parked_until)

    async def listed(self, trigger: str, asked: claims.ListClaims) -> claims.ClaimList:
        """A page, for a trigger its own; `trigger` "" sees all."""
        if asked.kind:
            _check_kind(asked.kind)
            if trigger:
                _own_kind(trigger, asked.kind)
        page = min(max(1, asked.page), _LAST_PAGE)
        prefix = asked.kind or (f"{trigger}:" if trigger else "")
        items, (total, held, parked) = await self._repository.page(prefix, page, self._now())
        return claims.ClaimList(tuple(items), total, held, parked, page, PER_PAGE)

    async def run(self) -> None:
        """For ever, in one replica at a time: free what its holder left."""
        while True:
            if await self._shared.lease("router:claims", self._owner, _LEASE_SECONDS):
                await self.sweep()
            await asyncio.sleep(SWEEP_SECONDS)

    async def sweep(self) -> int:
        """Free what is silent; how many that were."""
        freed = await self._repository.sweep(self._now())
        if freed:
            log.warning("claims freed after six minutes of silence: %s", len(freed))
        return len(freed)


def _own_kind(trigger: str, kind: str) -> None:
    _check_kind(kind)
    if kind.partition(":")[0] != trigger:
        raise Forbidden("A trigger looks after its own platform only.")


def _check_kind(kind: str) -> None:
    if not _KIND.fullmatch(kind):
        raise InvalidInput("A kind is written platform:what.", field="kind")


def _own_resource(trigger: str, resource: str) -> None:
    if resource.partition(":")[0] != trigger:
        raise Forbidden("A trigger looks after its own platform only.")


def _check_instance(instance: str) -> None:
    if not _INSTANCE.fullmatch(instance):
        raise InvalidInput("An instance has 1 to 100 letters, digits or . _ : -", field="instance")
