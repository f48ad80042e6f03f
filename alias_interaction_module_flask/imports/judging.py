"""Compares what was found with what is here and with what was there last time: new, the same, or in the way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec

from alias_interaction_module_flask.imports.models import KeptRow, Link
from alias_interaction_module_flask.imports.placing import Place, Present, Who
from alias_interaction_module_flask.imports.rows import Becomes, Command, Filter, Note, Row, Timer
from alias_interaction_module_flask.router_names import RouterNames
from alias_interaction_module_flask.targets import first_word

_LONGEST_SHOWN = 2_000


@dataclass(frozen=True, slots=True)
class Judge:
    """`places` are by the type of what goes there."""

    places: Mapping[type, Place]
    names: RouterNames

    async def judged(self, who: Who, rows: Sequence[Row], links: Mapping[tuple[str, str], Link]) -> list[KeptRow]:
        """Every row with what stands in its way."""
        commands = [row.becomes for row in rows if isinstance(row.becomes, Command)]
        names = {command.name for command in commands}
        targets = {first_word(command.wish.body) for command in commands if command.wish.kind == "alias"}
        owners = await self._owners(who.community_id, sorted((names | targets) - {""}))
        seen: set[str] = set()
        found = []
        for row in rows:
            kept = await self._one(who, row, links.get((row.kind, row.external_id)), owners)
            found.append(_among_others(kept, names, seen, owners))
        return found

    async def _owners(self, community_id: int, words: Sequence[str]) -> dict[str, str] | None:
        owners: dict[str, str] = {}
        for at in range(0, len(words), 1_000):
            some = await self.names.owners(community_id, words[at : at + 1_000])
            if some is None:
                return None
            owners.update(some)
        return owners

    async def _one(self, who: Who, row: Row, link: Link | None, owners: Mapping[str, str] | None) -> KeptRow:
        kept = KeptRow(0, row.kind, row.external_id, row.name, row.original, row.becomes, row.status, row.notes)
        if row.becomes is None:
            return kept
        place = self.places[type(row.becomes)]
        if link is not None:
            return await self._again(who, kept, row.becomes, link, place)
        if isinstance(row.becomes, Command) and owners and row.becomes.name in owners:
            return noted(kept, Note("built_in_name", row.becomes.name), status="conflict")
        present = await place.in_the_way(who, row.becomes)
        if present is None or not present.touched:
            return kept
        if same(present.becomes, row.becomes):
            return _with(kept, status="unchanged")
        note = Note("name_taken" if isinstance(row.becomes, Command) else "there_already", row.becomes.name)
        return noted(kept, note, status="conflict", ours=described(present.becomes))

    async def _again(self, who: Who, kept: KeptRow, becomes: Becomes, link: Link, place: Place) -> KeptRow:
        """It was imported before: unchanged there, changed there, or changed on both sides."""
        if link.base == becomes:
            return _with(kept, status="unchanged")
        present = await place.find(who, link.result_id)
        if present is None:
            return noted(kept, Note("removed_here"), status="unchanged")
        if not edited(present, link.version, link.base):
            return kept
        return noted(
            kept, Note("edited_on_both_sides"), status="conflict", ours=described(present.becomes),
            base=described(link.base),
        )  # fmt: skip


def edited(present: Present, version: int, wanted: Becomes | None) -> bool:
    """Whether somebody changed it since; what has no version is compared."""
    return present.version != version if present.version else present.becomes != wanted


def same(here: Becomes, there: Becomes) -> bool:
    """Whether it would change nothing; a filter's other options count for nothing."""
    if isinstance(here, Filter) and isinstance(there, Filter):
        values = {name: here.values.get(name) for name in there.values}
        here, there = msgspec.structs.replace(here, values=values), msgspec.structs.replace(there, values=there.values)
        return bool(msgspec.to_builtins(here) == msgspec.to_builtins(there))
    return here == there


def described(becomes: Becomes | None) -> str:
    """A side of a conflict as people compare it."""
    if isinstance(becomes, Command):
        wish = becomes.wish
        off = "" if wish.enabled else ", off"
        rest = f"{wish.role.word}, {wish.cooldown_channel:g} s, {wish.cooldown_member:g} s{off}"
        return f"!{wish.name} ({rest}) {wish.body}"[:_LONGEST_SHOWN]
    if isinstance(becomes, Timer):
        settings = becomes.settings
        return f"every {settings.every} s: {settings.command or ' / '.join(settings.texts)}"[:_LONGEST_SHOWN]
    return msgspec.json.encode(becomes).decode()[:_LONGEST_SHOWN]


def _among_others(
    kept: KeptRow, names: set[str], seen: set[str], owners: Mapping[str, str] | None
) -> KeptRow:  # fmt: skip
    """A name twice in one import, and an alias that leads nowhere."""
    if not isinstance(kept.becomes, Command):
        return kept
    name, wish = kept.becomes.name, kept.becomes.wish
    if name in seen and kept.status != "unchanged":
        kept = noted(kept, Note("named_twice", name), status="conflict")
    seen.add(name)
    target = first_word(wish.body) if wish.kind == "alias" else ""
    if target and owners is not None and target not in owners and target not in names and kept.status == "ok":
        kept = noted(kept, Note("unknown_target", f"!{target[:50]}"), status="review")
    return kept


def noted(kept: KeptRow, note: Note, **changed: object) -> KeptRow:
    """The row with one more note."""
    return _with(kept, notes=(*kept.notes, note), **changed)


def _with(kept: KeptRow, **changed: object) -> KeptRow:
    fields = {name: getattr(kept, name) for name in KeptRow.__slots__}
    return KeptRow(**{**fields, **changed})
