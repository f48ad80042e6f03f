"""Runs a community's own commands: what they say, or which line the router shall run instead."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from alias_interaction_module_flask.audit import Audit
from alias_interaction_module_flask.entry_repository import EntryRepository
from alias_interaction_module_flask.evaluator.execution import Result
from alias_interaction_module_flask.evaluator.values import Origin as Whose
from alias_interaction_module_flask.lines import behind
from alias_interaction_module_flask.models import Entry, Style
from alias_interaction_module_flask.paying import Paying
from alias_interaction_module_flask.texts import Texts
from alias_interaction_module_flask.use_repository import UseRepository
from alias_interaction_module_flask.world import World
from flask_core.auth import utc_now
from flask_core.datamodels import Action, Chat, Invocation, Origin, Reply, RunCommand, Ticker


@dataclass(frozen=True, slots=True)
class Running:
    """The router decided who may; what a command is, is looked up here, so that a change shows at once."""

    repository: EntryRepository
    texts: Texts
    uses: UseRepository
    paying: Paying
    audit: Audit
    now: Callable[[], datetime] = utc_now

    async def run(self, invocation: Invocation) -> Reply:
        """The answer of the command that the invocation names; silence for one that is gone or off meanwhile."""
        entry = await self.repository.named(invocation.community.id, invocation.command)
        if entry is None or not entry.what.enabled:
            return Reply()
        typed, query = behind(invocation.text, entry.name, str(invocation.arguments.get("words", "")))
        async with self.paying.paid(entry, invocation):
            reply = await self._answer(entry, invocation, typed, query)
            await self.uses.count(entry.id, self.now())
        return reply

    async def tried(self, entry: Entry, invocation: Invocation, query: str) -> str:
        """What it would say or run, without any of that happening."""
        said = (await self.texts.tried(entry, invocation, query)).text
        if entry.what.kind == "text":
            return said
        return f"runs {said if said != entry.what.body else f'{said} {query}'.strip()}"

    async def _answer(self, entry: Entry, invocation: Invocation, typed: str, query: str) -> Reply:
        if entry.what.kind == "alias":
            line = await self.texts.line(entry, invocation, query)
            return Reply((RunCommand(line, invocation.depth + 1),)) if line else Reply()
        result, world = await self.texts.said(entry, invocation, query, typed)
        await self._note(entry, invocation, result)
        said = (_chat(result, entry.what.style),) if result.text else ()
        return Reply((*said, *result.actions, *_on_screen(result, world)))

    async def _note(self, entry: Entry, invocation: Invocation, result: Result) -> None:
        """Whose use of which command changed what."""
        changes = [action.operation for action in result.actions] + [f"text {name}" for name in result.kept]
        if changes:
            here, caller = invocation.community.id, invocation.member.id
            await self.audit.note(here, caller, "command.changes", f"!{entry.name}", ", ".join(changes))


def _chat(result: Result, style: Style) -> Chat:
    kind: Literal["normal", "me", "announce"] = "normal"
    if result.style in ("me", "announce"):
        kind = "me" if result.style == "me" else "announce"
    elif style == "me":
        kind = "me"
    return Chat(
        result.text,
        reply=style == "reply",
        private=style == "whisper",
        style=kind,
        color=result.color,
        mention=style == "mention",
        verbatim_start=result.verbatim_start,
        origin=Origin.OWN if result.origin is Whose.AUTHOR else Origin.EXTERNAL,
    )


def _on_screen(result: Result, world: World) -> tuple[Action, ...]:
    """Counters that changed and belong on the overlay."""
    shown = ((name, result.counters.get(name.lower(), 0)) for name, on_screen in world.changed.items() if on_screen)
    return tuple(Ticker(f"{name}: {value}", 5, 10) for name, value in shown)
