"""Puts the rows of an import in their places, each once, and takes them back."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass

import msgspec

from alias_interaction_module_flask.imports.judging import edited
from alias_interaction_module_flask.imports.liveness import Liveness
from alias_interaction_module_flask.imports.models import Before, Import, KeptRow, Link, Outcome
from alias_interaction_module_flask.imports.placing import Place, Present, Who
from alias_interaction_module_flask.imports.row_repository import TAKEN_BACK, RowRepository
from alias_interaction_module_flask.imports.rows import Becomes, Command, Counter, Timer, Trigger, Variable
from alias_interaction_module_flask.models import Origin
from flask_core.database import AsyncDAL
from flask_core.errors import ServiceError, TooMany, Unavailable

# What others lead to comes first.
_ORDER = ("command", "alias", "built_in", "counter", "variable", "timer", "trigger", "filter", "regular")
_OWN = (Command, Counter, Variable)
_COMES_BACK = (Unavailable, TooMany)


@dataclass(frozen=True, slots=True)
class Applying:
    """`places` are by the type of what goes there."""

    database: AsyncDAL
    rows: RowRepository
    places: Mapping[type, Place]
    liveness: Liveness

    async def apply(self, who: Who, one: Import) -> ServiceError | None:
        """All rows that nothing came of yet; what is away makes its rows wait, and is returned."""
        away: ServiceError | None = None
        links = await self.rows.links(one.community_id, one.origin)
        for row in sorted(await self.rows.all(one.id), key=lambda row: _place_of(row.kind)):
            if row.outcome not in {"", "waiting"}:
                continue
            try:
                async with self._together(row):
                    await self._one(who, one, row, links.get((row.kind, row.external_id)))
            except _COMES_BACK as error:
                away = error
                await self.rows.came_of(row, "waiting", error.message)
            except ServiceError as error:
                await self.rows.came_of(row, "failed", error.message)
        return away

    def _together(self, row: KeptRow) -> AbstractAsyncContextManager[object]:
        """What alias keeps itself and what is written down about it are one; nothing is locked while others work."""
        return self.database.transaction() if isinstance(row.becomes, _OWN) else nullcontext()

    async def _one(self, who: Who, one: Import, row: KeptRow, link: Link | None) -> None:
        left_out = _left_out(row)
        if left_out is not None or row.becomes is None:
            outcome, why = left_out or ("skipped", "")
            await self.rows.came_of(row, outcome, why)
            return
        becomes, place = _cautious(row), self.places[type(row.becomes)]
        if why_not := await self.liveness.why_not(one.community_id, becomes):
            await self.rows.came_of(row, "skipped", why_not)
            return
        origin = Origin(one.origin, f"{row.kind} {row.external_id}", row.original)
        present = await self._present(who, row, link, place)
        if present is None:
            after = await place.make(who, becomes, origin)
        elif present.becomes == becomes:
            after = present
        else:
            after = await place.change(who, present, becomes, origin)
        made_before = present is not None and link is None and _never_heard_of(row, present)
        was = None if made_before or present is None else present
        before = Before(
            after.result_id, after.version, was is None, was.becomes if was else None, link.base if link else None
        )
        made = Link(row.kind, row.external_id, after.result_id, after.version, row.becomes)
        await self.rows.link(one.community_id, one.origin, made)
        if present is None and not after.made:
            await self.rows.came_of(row, "unchanged")
            return
        off = "" if becomes == row.becomes else "It is off until you switch it on."
        await self.rows.came_of(row, "updated" if was else "created", off, before)

    async def _present(self, who: Who, row: KeptRow, link: Link | None, place: Place) -> Present | None:
        """What is there to be changed: what an earlier import made, or what the admin lets go."""
        assert row.becomes is not None
        if link is not None and (known := await place.find(who, link.result_id)) is not None:
            return known
        if row.choice == "rename":
            return None
        present = await place.in_the_way(who, row.becomes)
        if present is None or not present.touched or row.choice == "replace":
            return present
        return present if present.becomes == _cautious(row) else None

    async def undo(self, who: Who, one: Import) -> ServiceError | None:
        """Take back what is as the import left it; the rest is told."""
        away: ServiceError | None = None
        for row in sorted(await self.rows.all(one.id), key=lambda row: -_place_of(row.kind)):
            if row.before is None or row.undone or row.outcome not in {"created", "updated"}:
                continue
            try:
                async with self._together(row):
                    await self._back(who, one, row, row.before)
            except _COMES_BACK as error:
                away = error
            except ServiceError as error:
                await self.rows.undone(row, error.message)
        return away

    async def _back(self, who: Who, one: Import, row: KeptRow, before: Before) -> None:
        assert row.becomes is not None
        place = self.places[type(row.becomes)]
        present = await place.find(who, before.result_id)
        if present is None:
            await self.rows.undone(row, "It was removed since.")
        elif edited(present, before.version, _cautious(row)):
            await self.rows.undone(row, EDITED)
            return
        elif before.was is None:
            await place.remove(who, present)
            await self.rows.undone(row, TAKEN_BACK[0])
        else:
            present = await place.change(who, present, before.was, Origin())
            await self.rows.undone(row, TAKEN_BACK[1])
            if before.base is not None:
                again = Link(row.kind, row.external_id, before.result_id, present.version, before.base)
                await self.rows.link(one.community_id, one.origin, again)
                return
        await self.rows.unlink(one.community_id, one.origin, row.kind, row.external_id)


EDITED = "It was changed since, so it stays."


def _place_of(kind: str) -> int:
    return _ORDER.index(kind) if kind in _ORDER else len(_ORDER)


def _left_out(row: KeptRow) -> tuple[Outcome, str] | None:
    """What comes of a row that nothing is done with, and why."""
    if row.status == "unchanged":
        return "unchanged", ""
    if row.choice == "skip" or row.status == "unsupported":
        return "skipped", ""
    if row.status == "conflict" and row.choice not in {"rename", "replace"}:
        return "skipped", "Nobody decided."
    unlooked = row.status == "review" and not row.choice
    if unlooked and (not isinstance(row.becomes, (Command, Timer, Trigger)) or _impossible(row)):
        return "skipped", "Nobody looked at it."
    return None


def _never_heard_of(row: KeptRow, present: Present) -> bool:
    """Whether an attempt made it and was gone before it could say so: when it was judged, nothing was there."""
    return present.touched and row.status in {"ok", "review"} and row.choice != "replace"


def _impossible(row: KeptRow) -> bool:
    return any(note.code == "regex_refused" for note in row.notes)


def _cautious(row: KeptRow) -> Becomes:
    """What nobody looked at yet is off until somebody does."""
    becomes = row.becomes
    assert becomes is not None
    if row.status != "review" or row.choice:
        return becomes
    if isinstance(becomes, Command):
        return Command(msgspec.structs.replace(becomes.wish, enabled=False))
    if isinstance(becomes, Timer):
        return msgspec.structs.replace(becomes, enabled=False)
    if isinstance(becomes, Trigger):
        return Trigger(becomes.name, msgspec.structs.replace(becomes.rule, enabled=False))
    return becomes
