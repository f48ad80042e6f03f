"""Asks every module for its part: all at once to export, in an order to erase, until each has answered."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta

import msgspec

from flask_core.contracts import module, router
from flask_core.contracts.person_members import OWN_MEMBERS, PersonOf
from flask_core.datamodels import Manifest
from flask_core.due_rows import Due, Result, State
from flask_core.errors import Conflict, ServiceError
from flask_core.service_client import ServiceClient
from identity_core_module_flask.desk.models import (
    ALARMS,
    COMMUNITY,
    LAST,
    PLANNER,
    STAGES,
    Part,
    Subject,
    Whole,
    Work,
)
from identity_core_module_flask.desk.part_repository import PartRepository
from identity_core_module_flask.desk.repository import DeskRepository
from identity_core_module_flask.tellings import Seals

log = logging.getLogger(__name__)

_PATIENCE = 30.0
_MOST_BYTES = 32 * 1024 * 1024
_LOOK_AGAIN = timedelta(seconds=5)
_LONG_AGO = timedelta(minutes=5)
_ALARM_SECONDS = 600.0


class DeskWork:
    """Work for DueWork. What a module refuses comes again like what it does not hear: it may be mended."""

    def __init__(
        self,
        desk: DeskRepository,
        parts: PartRepository,
        services: ServiceClient,
        sealer: Seals,
        now: Callable[[], datetime],
    ) -> None:
        self._desk = desk
        self._parts = parts
        self._services = services
        self._sealer = sealer
        self._now = now

    async def __call__(self, due: Due[Work]) -> Result:
        """Do one part."""
        whole = await self._desk.whole(due.row.request_id)
        if not whole.request.subject:
            return due.ends(State.SKIPPED)
        try:
            if due.row.module == PLANNER:
                await self._plan(whole)
            elif await self._must_wait(due.row, whole):
                return due.look_again(State.WAITING, self._now() + _LOOK_AGAIN)
            else:
                await self._ask(due.row, whole)
        except ServiceError as error:
            return due.again(self._now(), error.message, after=error.retry_after or 0)
        return due.ends(State.DELIVERED)

    async def _plan(self, whole: Whole) -> None:
        """Find out which modules there are, and under which members they know the person."""
        subject = self._subject(whole)
        found = await self._services.call(
            "community", OWN_MEMBERS, PersonOf(subject.person_id, subject.accounts), timeout=_PATIENCE
        )
        if whole.request.kind == "erase" and found.owns:
            # Somebody became an owner meanwhile: better nothing is erased yet than half of it for ever.
            raise Conflict(f"They own «{'», «'.join(found.owns)}».")
        known = await self._services.call("router", router.MODULES, router.Nothing())
        stages = {one.manifest.name: _stage(one.manifest) for one in known.items if one.manifest.personal_data} | LAST
        full = Subject(subject.person_id, subject.accounts, found.member_ids)
        parts = [Part(whole.request.number, name, stage) for name, stage in sorted(stages.items())]
        await self._parts.plan(
            whole.request.number, subject.person_id, self._sealer.seal(msgspec.json.encode(full)), parts, self._now()
        )  # fmt: skip

    async def _must_wait(self, work: Work, whole: Whole) -> bool:
        """Whether others go first: all of an earlier stage to erase, and identity's own is the last word of both."""
        before = [part for part in whole.parts if part.stage < work.stage and part.done_at is None]
        if whole.request.kind == "export":
            return work.module == "identity" and any(part.attempts == 0 for part in before)
        if before:
            return True
        return work.stage == COMMUNITY and await self._parts.ask_again(work, self._now() - _LONG_AGO)

    async def _ask(self, work: Work, whole: Whole) -> None:
        subject = self._subject(whole)
        asked = module.PersonAccounts(work.request_id, subject.accounts, subject.member_ids, subject.person_id)
        if whole.request.kind == "export":
            told = await self._services.call(
                work.module, module.EXPORT, asked, timeout=_PATIENCE, most_bytes=_MOST_BYTES
            )
            counts = {table: len(rows) for table, rows in told.tables.items()}
            await self._parts.keep(work, self._sealer.seal(msgspec.json.encode(told.tables)), counts, {})
            return
        receipt = await self._services.call(work.module, module.ERASE, asked, timeout=_PATIENCE)
        await self._parts.keep(work, "", receipt.counts, receipt.kept)

    def _subject(self, whole: Whole) -> Subject:
        return msgspec.json.decode(self._sealer.open(whole.request.subject), type=Subject)

    async def watch(self) -> None:
        """For ever: alarm the operator when modules leave a person waiting for a week, and for three."""
        while True:
            await self.alarm()
            await self._desk.sweep(self._now())
            await asyncio.sleep(_ALARM_SECONDS)

    async def alarm(self) -> None:
        """Say once each which modules have not answered."""
        for whole, given in await self._desk.late(self._now()):
            waited = self._now() - whole.request.due_at
            if waited >= ALARMS[given] and await self._desk.alarm(whole.request.number, given):
                away = ", ".join(part.module for part in whole.parts if part.done_at is None) or "router or community"
                log.error(
                    "a request to %s data waits for %d days: %s", whole.request.kind, waited.days, away
                )  # fmt: skip


def _stage(manifest: Manifest) -> int:
    return LAST.get(manifest.name) or STAGES[manifest.kind]
