"""What people may choose for a row, and what the row becomes by it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import msgspec

from alias_interaction_module_flask.entries import Entries
from alias_interaction_module_flask.imports.models import Choice, Import, KeptRow
from alias_interaction_module_flask.imports.row_repository import RowRepository
from alias_interaction_module_flask.imports.rows import Becomes, Command, Counter, Timer, Trigger, Variable
from alias_interaction_module_flask.imports.scanning import privileged
from alias_interaction_module_flask.models import Wish
from alias_interaction_module_flask.scripts.rewrites import rewritten
from alias_interaction_module_flask.wishes import checked, checked_name
from flask_core.contracts.alias_imports import ChooseAll, ChooseRow
from flask_core.contracts.rules import RunLine
from flask_core.datamodels import Role
from flask_core.errors import Conflict, InvalidInput, NotFound

_NAMED = (Command, Counter, Timer, Variable)
_NOT_OURS = frozenset({"built_in_name", "named_twice"})


@dataclass(frozen=True, slots=True)
class Choosing:
    """Choices are kept with the row; nothing happens before the import is applied."""

    rows: RowRepository
    entries: Entries

    async def choose(self, one: Import, asked: ChooseRow) -> KeptRow:
        """Keep a choice. Raises NotFound, InvalidInput, and Conflict for what is not possible (any more)."""
        if one.phase != "preview":
            raise Conflict("Nothing can be chosen any more; begin a new import.")
        row = await self.rows.one(one.id, asked.row)
        if row is None:
            raise NotFound("There is no such row.")
        if asked.choice not in possible(row):
            raise Conflict(f"Choose one of: {', '.join(possible(row)) or 'nothing'}.", choices=possible(row))
        becomes = await self._edited(one.community_id, row, asked)
        if asked.choice == "rename":
            becomes = await self._renamed(one, row, becomes, asked.name)
        name = becomes.name if becomes is not None else row.name
        if not await self.rows.choose(row, asked.choice, becomes, name):
            raise Conflict("This row was taken over meanwhile.")
        return replace(row, choice=asked.choice, becomes=becomes, name=name)

    async def choose_all(self, one: Import, asked: ChooseAll) -> None:
        """The same for all that wait."""
        if one.phase != "preview":
            raise Conflict("Nothing can be chosen any more; begin a new import.")
        for row in await self.rows.all(one.id):
            if row.status == asked.status and not row.choice and asked.choice in possible(row):
                await self.rows.choose(row, asked.choice, row.becomes, row.name)

    async def _edited(self, community_id: int, row: KeptRow, asked: ChooseRow) -> Becomes | None:
        if asked.text is None and asked.role is None and not asked.simpler:
            return row.becomes
        if not isinstance(row.becomes, Command):
            raise InvalidInput("Only a command has a text and a role.", field="text")
        wish = row.becomes.wish
        body = wish.body if asked.text is None else asked.text
        if asked.simpler:
            body = simpler(wish)
            wish = msgspec.structs.replace(wish, dialect="waddle")
        wish = checked(msgspec.structs.replace(wish, body=body, role=wish.role if asked.role is None else asked.role))
        if privileged(wish.body, wish.dialect):
            wish = msgspec.structs.replace(wish, role=max(wish.role, Role.MODERATOR))
        await self.entries.texts.check(community_id, wish, imported=True)
        return Command(wish)

    async def _renamed(self, one: Import, row: KeptRow, becomes: Becomes | None, name: str) -> Becomes:
        if not isinstance(becomes, _NAMED):
            raise InvalidInput("This has no name that could be another.", field="name")
        name = checked_name(name)
        others = await self.rows.all(one.id)
        if isinstance(becomes, Command):
            await self.entries.check_free(one.community_id, name)
            there = await self.entries.repository.named(one.community_id, name)
            if there is not None or any(_has(other, row, name) for other in others):
                raise Conflict(f"There is a !{name} already. Choose another name.", field="name")
            await self._follow(row, others, becomes.name, name)
            return Command(msgspec.structs.replace(becomes.wish, name=name))
        return msgspec.structs.replace(becomes, name=name)

    async def _follow(self, row: KeptRow, others: Sequence[KeptRow], before: str, name: str) -> None:
        """What came with a command runs it under its new name."""
        for other in others:
            child, timer = other.external_id.startswith(f"{row.external_id}:"), f"{other.external_id}:timer"
            if (child or row.external_id == timer) and other.becomes is not None and other.id != row.id:
                await self.rows.choose(other, other.choice, following(other.becomes, before, name), other.name)


def following(becomes: Becomes, before: str, name: str) -> Becomes:
    """The same, with `!name` where it ran `!before`."""
    if isinstance(becomes, Command) and becomes.wish.kind == "alias":
        return Command(msgspec.structs.replace(becomes.wish, body=_line(becomes.wish.body, before, name)))
    if isinstance(becomes, Timer):
        settings = msgspec.structs.replace(becomes.settings, command=_line(becomes.settings.command, before, name))
        return msgspec.structs.replace(becomes, settings=settings)
    if isinstance(becomes, Trigger):
        actions = tuple(
            RunLine(_line(action.line, before, name), action.role) if isinstance(action, RunLine) else action
            for action in becomes.rule.actions
        )
        return Trigger(name, msgspec.structs.replace(becomes.rule, actions=actions, name=f"!{name}"))
    return becomes


def _line(line: str, before: str, name: str) -> str:
    word, space, rest = line.partition(" ")
    return f"!{name}{space}{rest}" if word == f"!{before}" else line


def simpler(wish: Wish) -> str:
    """The same text without a script, "" where there is none or it is not known how."""
    has_script = wish.dialect == "nightbot" and wish.kind == "text" and "eval" in wish.body.lower()
    return (rewritten(wish.body) or "") if has_script else ""


def possible(row: KeptRow) -> tuple[Choice, ...]:
    """What can be chosen for a row."""
    if row.outcome or row.becomes is None or row.status in {"unsupported", "unchanged"}:
        return ()
    if row.status != "conflict":
        return ("accept", "skip", "rename") if isinstance(row.becomes, Command) else ("accept", "skip")
    found: tuple[Choice, ...] = ("skip",)
    if isinstance(row.becomes, _NAMED):
        found += ("rename",)
    return found if _NOT_OURS & {note.code for note in row.notes} else (*found, "replace")


def _has(other: KeptRow, row: KeptRow, name: str) -> bool:
    return other.id != row.id and isinstance(other.becomes, Command) and other.becomes.name == name


def wish_of(becomes: Becomes | None) -> Wish | None:
    """The wish of a command."""
    return becomes.wish if isinstance(becomes, Command) else None
