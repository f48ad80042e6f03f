"""Commands, counters and variables: what alias keeps itself."""

from __future__ import annotations

from dataclasses import dataclass

from alias_interaction_module_flask.counters import Counters, Variables
from alias_interaction_module_flask.entries import Entries
from alias_interaction_module_flask.imports.placing import Present, Who
from alias_interaction_module_flask.imports.rows import Becomes, Command, Counter, Variable
from alias_interaction_module_flask.models import Entry, Origin
from alias_interaction_module_flask.wishes import checked
from flask_core.errors import Forbidden, Stale


@dataclass(frozen=True, slots=True)
class CommandPlace:
    """Past the rule that an alias has to lead somewhere: what it leads to may be a later row of the import."""

    entries: Entries

    async def find(self, who: Who, result_id: str) -> Present | None:
        """By its id, unless it is in the bin."""
        entry = await self.entries.repository.one(who.community_id, int(result_id))
        return None if entry is None or entry.deleted_at is not None else _shown(entry)

    async def in_the_way(self, who: Who, becomes: Becomes) -> Present | None:
        """By its name."""
        assert isinstance(becomes, Command)
        entry = await self.entries.repository.named(who.community_id, becomes.name)
        return None if entry is None else _shown(entry)

    async def make(self, who: Who, becomes: Becomes, origin: Origin) -> Present:
        """A new command."""
        assert isinstance(becomes, Command)
        wish = checked(becomes.wish)
        await self.entries.texts.check(who.community_id, wish, imported=bool(origin.source))
        await self.entries.check_free(who.community_id, wish.name)
        made = await self.entries.repository.add(
            who.community_id, wish, who.by, who.now, at_most=self.entries.max_commands, origin=origin
        )
        self.entries.changed()
        return _shown(made)

    async def change(self, who: Who, present: Present, becomes: Becomes, origin: Origin) -> Present:
        """Another text, other rights; what is above the importer stays as it is."""
        assert isinstance(becomes, Command)
        entry = await self._same(who, present)
        if entry.what.role > who.by.role:
            raise Forbidden(f"Only {entry.what.role.word}s can replace !{entry.name}.")
        wish = checked(becomes.wish)
        await self.entries.texts.check(who.community_id, wish, imported=bool(origin.source))
        if wish.name != entry.name:
            await self.entries.check_free(who.community_id, wish.name)
        changed = await self.entries.repository.change(entry, wish, who.by, who.now, did="import")
        self.entries.changed()
        return _shown(changed)

    async def remove(self, who: Who, present: Present) -> None:
        """Into the bin."""
        await self.entries.repository.remove(await self._same(who, present), who.by, who.now)
        self.entries.changed()

    async def _same(self, who: Who, present: Present) -> Entry:
        entry = await self.entries.one(who.community_id, int(present.result_id))
        if entry.version != present.version:
            raise Stale(f"Somebody changed !{entry.name} meanwhile.")
        return entry


def _shown(entry: Entry) -> Present:
    return Present(str(entry.id), entry.version, Command(entry.what))


@dataclass(frozen=True, slots=True)
class CounterPlace:
    """Counters have no version: what counts is the number."""

    counters: Counters

    async def find(self, who: Who, result_id: str) -> Present | None:
        """By its name."""
        found = await self.counters.find(who.community_id, result_id)
        return None if found is None else Present(result_id, 0, Counter(found.name, found.value, found.on_screen))

    async def in_the_way(self, who: Who, becomes: Becomes) -> Present | None:
        """By its name."""
        assert isinstance(becomes, Counter)
        return await self.find(who, becomes.name)

    async def make(self, who: Who, becomes: Becomes, origin: Origin) -> Present:
        """A new counter."""
        assert isinstance(becomes, Counter)
        kept = await self.counters.set(who.community_id, becomes.name, becomes.value)
        if becomes.on_screen != kept.on_screen:
            await self.counters.show(who.community_id, becomes.name, on_screen=becomes.on_screen)
        return Present(becomes.name, 0, becomes)

    async def change(self, who: Who, present: Present, becomes: Becomes, origin: Origin) -> Present:
        """Another number."""
        return await self.make(who, becomes, origin)

    async def remove(self, who: Who, present: Present) -> None:
        """Away with it."""
        await self.counters.remove(who.community_id, present.result_id)


@dataclass(frozen=True, slots=True)
class VariablePlace:
    """Texts by name."""

    variables: Variables

    async def find(self, who: Who, result_id: str) -> Present | None:
        """By its name."""
        found = await self.variables.find(who.community_id, result_id)
        return None if found is None else Present(result_id, 0, Variable(found.name, found.value))

    async def in_the_way(self, who: Who, becomes: Becomes) -> Present | None:
        """By its name."""
        assert isinstance(becomes, Variable)
        return await self.find(who, becomes.name)

    async def make(self, who: Who, becomes: Becomes, origin: Origin) -> Present:
        """A new text."""
        assert isinstance(becomes, Variable)
        await self.variables.set(who.community_id, becomes.name, becomes.value)
        return Present(becomes.name, 0, becomes)

    async def change(self, who: Who, present: Present, becomes: Becomes, origin: Origin) -> Present:
        """Another text."""
        return await self.make(who, becomes, origin)

    async def remove(self, who: Who, present: Present) -> None:
        """Away with it."""
        await self.variables.remove(who.community_id, present.result_id)
